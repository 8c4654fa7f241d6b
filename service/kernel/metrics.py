"""Prometheus metrics of one worker process."""

from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_REGISTRY = CollectorRegistry()
_SECONDS = Histogram(
    "tenun_request_seconds",
    "Time from the first byte of a request to the last of its answer.",
    ("method", "operation", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_REGISTRY,
)

_DROPPED = Counter(
    "tenun_dropped_total",
    "Things that found no room in a queue inside this process.",
    ("queue",),
    registry=_REGISTRY,
)

# A client may call a method anything: what HTTP does not know is one series, or it could make any number.
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


@lru_cache(maxsize=2048)
def _series(method: str, operation: str, *, status: int) -> Histogram:
    return _SECONDS.labels(method, operation, str(status))


def observe(method: str, operation: str, *, status: int, seconds: float) -> None:
    """Count one request."""
    counted = method if method in _METHODS else "OTHER"
    _series(counted, operation, status=status).observe(seconds)


def count_dropped(queue: str) -> None:
    """Count one thing that a full queue did not take."""
    _DROPPED.labels(queue).inc()


def exposition() -> bytes:
    """Return all metrics in the text format of Prometheus."""
    return generate_latest(_REGISTRY)
