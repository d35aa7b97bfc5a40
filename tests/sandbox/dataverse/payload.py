"""The JSON body of a create or update → values by column, checked against the table's declaration."""
import json
import re

from . import errors
from ..odata.values import is_guid, normal_datetime

REFERENCE = re.compile(r"/?([A-Za-z_]+)\(([^()]*)\)")
EDM_WORDS = {"string": str, "memo": str, "boolean": bool}


def read_json(call, entity_set):
    content_type = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise errors.Refused(415, "0x80060888", f"The content type '{content_type}' of the request is not supported.")

    def refuse(problem):
        raise errors.bad_payload(entity_set, problem)

    def unique(pairs):
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            again = next(name for name in names if names.count(name) > 1)
            refuse(f"Multiple properties with the name '{again}' were detected in a resource or complex value.")
        return dict(pairs)
    try:
        body = json.loads(call.body.decode("utf-8"), object_pairs_hook=unique,
                          parse_constant=lambda word: refuse(f"Invalid JSON. The literal '{word}' is no number."))
    except (ValueError, RecursionError) as problem:      # also a number of too many digits
        refuse(f"Invalid JSON. {problem}")
    if not isinstance(body, dict):
        refuse("Invalid JSON. A resource must be an object.")
    return body


def values_of(call, table, body, free=False):
    """→ {column name: value}; a lookup's value is (table, id). `free` is a person or a world file: nothing is read-only."""
    found = {}
    for name, value in body.items():
        if name.endswith("@odata.bind"):
            column, target = bound(call, table, name[:-len("@odata.bind")], value, free)
            found[column.name] = target
        elif "@" in name:
            check_annotation(call, table, name, value)
        elif name in table.by_nav:
            found[table.by_nav[name][0].name] = cleared(table, name, value)
        else:
            column = value_column(table, name, free)
            found[column.name] = checked(table, column, value)
    return found


def value_column(table, name, free):
    column = table.by_name.get(name)
    if column is None or column.lookup:
        if name in table.by_property:
            raise errors.bad_payload(table.set, f"The property '{name}' is a read-only lookup value; bind its navigation property.")
        raise errors.unknown_value_property(table.set, name, table)
    if not free and not column.creatable:
        raise errors.read_only(table.name, name)
    return column


def bound(call, table, nav, value, free):
    if nav not in table.by_nav:
        raise errors.undeclared(table.set, nav, table)
    column, targets = table.by_nav[nav]
    if not free and not column.creatable:
        raise errors.read_only(table.name, nav)
    if not isinstance(value, str):
        raise errors.bad_payload(table.set, f"The annotation '{nav}@odata.bind' must be a string.")
    if value.startswith("$"):
        target = content_reference(call, value)
    else:
        target = row_reference(call, table, nav, value)
    if target[0] not in targets:
        raise errors.bad_payload(table.set, f"The navigation property '{nav}' does not lead to '{target[0]}'.")
    return column, target


def row_reference(call, table, nav, value):
    text = value[len(call.root):] if value.startswith(call.root) else value
    match = REFERENCE.fullmatch(text)
    target = call.org.sets.get(match[1]) if match else None
    if not match:
        raise errors.bad_payload(table.set, f"The value '{value}' of '{nav}@odata.bind' is no resource reference.")
    if target is None:
        raise errors.missing_segment(match[1])
    if not is_guid(match[2]):
        raise errors.bad_payload(table.set, f"The value '{value}' of '{nav}@odata.bind' holds no key of type Edm.Guid.")
    return target.name, match[2].lower()


def content_reference(call, value):
    if value[1:] not in call.content_ids:
        raise errors.Refused(400, "0x80048d19", f"Content-ID Reference: '{value}' does not exist in the batch context.")
    return call.content_ids[value[1:]]


def cleared(table, nav, value):
    if value is not None:
        raise errors.not_simulated(f"Deep insert through '{nav}' of {table.set}")
    return None


def check_annotation(call, table, name, value):
    if name == "@odata.type" and value not in (table.type_name, f"#{table.type_name}"):
        raise errors.bad_payload(table.set, f"The type '{value}' is not assignable to '{table.type_name}'.")
    owner = name.partition("@")[0]
    if owner and owner not in table.by_property and owner not in table.by_nav:
        raise errors.undeclared(table.set, owner, table)


def checked(table, column, value):
    if value is None:
        return None
    kind = column.kind
    if kind in EDM_WORDS and isinstance(value, EDM_WORDS[kind]):
        return value
    if kind in ("integer", "picklist") and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2 ** 31:
        return value
    if kind == "double" and isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e308:
        return float(value)
    if kind == "guid" and is_guid(value):
        return value.lower()
    if kind == "datetime" and isinstance(value, str):
        try:
            return normal_datetime(value)
        except ValueError:
            pass
    shown = value if isinstance(value, (int, float)) or (isinstance(value, str) and len(value) < 80) else "…"
    raise errors.bad_payload(table.set, f"Cannot convert the literal '{shown}' to the expected type '{column.edm}'. "
                             f"(property '{column.name}')")
