"""What a run in several processes needs: turns for tests that measure, and one account of what was tried."""

import fcntl
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from service.app import OPERATIONS
from tests.trust.examples import EXAMPLES
from tests.trust.tally import FIGURES, cases

_DOOR, _ROOM = Path(__file__), Path(__file__).with_name("conftest.py")
"""Files to lock: whoever waits for the room holds the door, so that one who wants it alone gets it."""


class SideBySide:
    """A plugin for each process of a run, and for the one that hands out tests and reports."""

    def __init__(self, config: pytest.Config) -> None:
        """Remember the run."""
        self._config: Any = config
        self._is_worker = hasattr(config, "workerinput")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Runs a test marked `alone` while no other process runs any, with what it needs before and after."""
        if not self._is_worker:
            return (yield)
        alone = item.get_closest_marker("alone") is not None
        with ExitStack() as held:
            room = held.enter_context(_ROOM.open())
            with _DOOR.open() as door:
                fcntl.flock(door, fcntl.LOCK_EX)
                fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            return (yield)

    def pytest_sessionfinish(self) -> None:
        """Hands over what this process tried."""
        if self._is_worker:
            self._config.workeroutput["cases"] = dict(cases)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Adds what another process tried."""
        cases.update(getattr(node, "workeroutput", {}).get("cases", {}))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Prints the figures of a test at once, whether it failed afterwards or not."""
        if self._is_worker or report.when != "call":
            return
        reporter = self._config.pluginmanager.getplugin("terminalreporter")
        for name, figures in report.user_properties:
            if name == FIGURES:
                reporter.write_line(f"\n{report.nodeid.rpartition('::')[2]}: {figures}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tells how much was tried: a number that shrinks is worth a look."""
        if cases:
            terminalreporter.write_line(
                f"trust: {len(OPERATIONS)} operations, {len(EXAMPLES)} examples, 0 exceptions; cases: "
                + ", ".join(f"{count:,} {name}" for name, count in sorted(cases.items()))
            )
