"""Points in time: seconds since 1970 inside, the two versions' texts outside."""
import datetime
import re

UTC = datetime.timezone.utc


def v2(seconds):
    return None if seconds is None else datetime.datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def v1(seconds):
    return None if seconds is None else datetime.datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M:%S")


def read(text):
    """Either form → seconds; None if it is neither."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?", text):
        return None
    try:
        return int(datetime.datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
