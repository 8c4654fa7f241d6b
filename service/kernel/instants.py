"""The one place that reads the machine's clock."""

from datetime import UTC, date, datetime, time, timedelta, timezone

from schema.vocabulary import TimeZone

# Indonesia has no daylight saving time, so an offset is enough and no time zone database is read per request.
_OFFSETS = {
    TimeZone.JAKARTA: timezone(timedelta(hours=7)),
    TimeZone.MAKASSAR: timezone(timedelta(hours=8)),
    TimeZone.JAYAPURA: timezone(timedelta(hours=9)),
}


def now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


def day_in(zone: TimeZone, at: datetime) -> date:
    """Return the calendar day of an instant in one of Indonesia's time zones."""
    return at.astimezone(_OFFSETS[zone]).date()


def end_of(day: date, zone: TimeZone) -> datetime:
    """Return the first instant after a calendar day in one of Indonesia's time zones."""
    return datetime.combine(day + timedelta(days=1), time(), _OFFSETS[zone]).astimezone(UTC)
