"""The text forms of OData's primitive values."""
import datetime
import re

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d))?")


def normal_datetime(text):
    """UTC to the second, `2026-02-03T09:00:00Z`: such texts sort as the times they stand for. ValueError if none."""
    if not _DATETIME.fullmatch(text):
        raise ValueError(text)
    if "T" not in text:
        return f"{datetime.date.fromisoformat(text)}T00:00:00Z"
    moment = datetime.datetime.fromisoformat(re.sub(r"\.(\d{1,6})\d*", lambda m: "." + m[1].ljust(6, "0"), text))
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_guid(text):
    return isinstance(text, str) and GUID.fullmatch(text) is not None
