"""Types of what is sent, against the contract: as strict as version 2 is."""
import datetime
import re
import urllib.parse

from .answer import BAD, Refused, invalid

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NAMES = {"integer": "integer", "string": "string", "boolean": "boolean", "number": "number", "object": "object"}


def read_query(operation, text, strict):
    """→ {name: value of its type}. Refuses what is of another type, or unknown if `strict`."""
    found = {}
    for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True):
        kind = operation.query.get(name)
        if kind is None:
            if strict:
                raise invalid(name, "This parameter is not allowed.")
            continue
        if name in found:
            raise invalid(name, "This parameter is given twice.")
        found[name] = of_text(name, value, kind)
    need(operation, found)
    return found


def need(operation, found):
    """Of a body, or else of the query."""
    for name in operation.must:
        if found.get(name) in (None, ""):
            raise invalid(name, "This field is required.")


def of_text(name, text, kind):
    if kind == "integer":
        if not re.fullmatch(r"-?\d{1,18}", text):
            raise invalid(name, "This value should be of type integer.")
        return int(text)
    if kind == "boolean":
        if text not in ("true", "false"):
            raise invalid(name, "This value should be of type boolean.")
        return text == "true"
    if kind == "flag":
        if text not in ("0", "1"):
            raise invalid(name, "This value should be 0 or 1.")
        return int(text)
    if kind == "list":
        return [word.strip() for word in text.split(",")]
    if isinstance(kind, set) and text not in kind:
        raise invalid(name, f"This value should be one of {', '.join(sorted(kind))}.")
    if kind == "moment":
        return moment(name, text)
    if kind == "date":
        return date(name, text)
    if kind == "uuid" and not UUID.fullmatch(text):
        raise invalid(name, "This value is not a valid uuid.")
    return text


def moment(name, text):
    """RFC 3339 without fractions → seconds since 1970."""
    if not MOMENT.fullmatch(text):
        raise invalid(name, "This value is not a valid RFC3339 datetime.")
    try:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        raise invalid(name, "This value is not a valid RFC3339 datetime.") from None


def date(name, text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise invalid(name, "This value is not a valid date.")
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise invalid(name, "This value is not a valid date.") from None


def check_body(operation, body, strict):
    """The body is an object, its known keys are of their types, it has what it must, and nothing else if `strict`."""
    if not isinstance(body, dict):
        raise Refused(400, "The request body should be a JSON object", BAD)
    check_object("", body, operation.body, strict and not operation.open_body)
    need(operation, body)


def check_object(place, value, kinds, strict):
    for name, inner in value.items():
        where = f"{place}.{name}" if place else name
        if name not in kinds:
            if strict:
                raise invalid(where, "This field is not allowed.")
            continue
        if inner is not None:
            check(where, inner, kinds[name], strict)


def check(where, value, kind, strict):
    if isinstance(kind, list):
        if not isinstance(value, list):
            raise invalid(where, "This value should be of type array.")
        for number, item in enumerate(value):
            check(f"{where}[{number}]", item, kind[0], strict)
    elif isinstance(kind, dict):
        if not isinstance(value, dict):
            raise invalid(where, "This value should be of type object.")
        check_object(where, value, kind, strict)
    elif isinstance(kind, set):
        if not isinstance(value, str) or value not in kind:
            raise invalid(where, f"This value should be one of {', '.join(sorted(kind))}.")
    elif not PLAIN[kind](value):
        raise invalid(where, f"This value should be of type {NAMES.get(kind, kind)}.")


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


PLAIN = {"integer": is_integer, "string": lambda value: isinstance(value, str), "boolean": lambda value: isinstance(value, bool),
         "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
         "flag": lambda value: is_integer(value) and value in (0, 1), "object": lambda value: isinstance(value, dict),
         "uuid": lambda value: isinstance(value, str) and UUID.fullmatch(value) is not None}
