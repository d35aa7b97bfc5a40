"""POST, PATCH and DELETE of rows."""
import uuid

from . import errors, rules
from .answer import no_content, ok
from .payload import read_json, values_of
from .project import context, project, view_of
from .read import applied, etag, refuse
from ..odata.options import split


def create(call, table):
    """POST to a set."""
    body = read_json(call, table.set)
    values = values_of(call, table, body)
    row_id = values.get(table.key) or str(uuid.uuid4())
    need_for_create(call, table, values)
    if call.org.store.get(table.name, row_id) is not None:
        raise errors.exists()
    return written(call, table, insert(call, table, row_id, values), "create")


def upsert(call, table, row_id):
    """PATCH of a row: creates it if it is absent, as far as the preconditions allow."""
    body = read_json(call, table.set)
    values = values_of(call, table, body)
    if values.pop(table.key, row_id) != row_id:
        raise errors.bad_payload(table.set, f"The key property '{table.key}' differs from the key in the URL.")
    row = call.org.store.get(table.name, row_id)
    if row is None:
        need_for_create(call, table, values)
        if "if-match" in call.headers:
            raise absent(call, table, row_id)
        return written(call, table, insert(call, table, row_id, values), "create")
    call.need("Write", table)
    check_preconditions(call, row)
    return written(call, table, change(call, table, row, values), "update")


def remove(call, table, row_id):
    call.need("Delete", table)
    row = call.org.store.get(table.name, row_id)
    if row is None:
        raise errors.missing_row(table.name, row_id)
    check_preconditions(call, row)
    answer = no_content()
    answer.effects = delete_with_children(call.org, table, row_id)
    return answer


def check_preconditions(call, row):
    empty = call.org.switches["emptyPreconditionCodes"]
    if call.headers.get("if-none-match") == "*":
        raise errors.exists("" if empty else "0x80040237")
    wanted = call.headers.get("if-match")
    if wanted is not None and wanted != "*" and wanted != etag(row):
        raise errors.stale("" if empty else "0x80060882")


def absent(call, table, row_id):
    refusal = errors.missing_row(table.name, row_id)
    if call.org.switches["emptyPreconditionCodes"]:
        refusal.code = ""
    return refusal


def need_for_create(call, table, values):
    call.need("Create", table)
    for name, value in values.items():
        if isinstance(value, tuple) and name != "ownerid":
            call.need("Append", table)
            target = call.org.tables.get(value[0])
            if target:
                call.need("AppendTo", target)


def insert(call, table, row_id, values):
    row = blank(call.org, table)
    row.update({column.name: column.default for column in table.columns})
    row.update({"createdby": actor(call), "modifiedby": actor(call), "createdon": call.now, "modifiedon": call.now})
    if "ownerid" in table.by_name:
        row["ownerid"] = actor(call)
    if call.caller:
        row["createdonbehalfby"] = ("systemuser", call.caller.id)
    values = {**values, table.key: row_id}
    row.update(values)
    rules.settle_state(table, row, values)
    if table.name == "incident":
        row["ticketnumber"] = call.org.store.next_ticket()
    return keep(call, table, row, values)


def change(call, table, row, values):
    for name in values:
        if not table.by_name[name].updatable:
            raise errors.read_only(table.name, name)
    row = {**row, **values, "modifiedby": actor(call), "modifiedon": call.now}
    rules.settle_state(table, row, values)
    return keep(call, table, row, values)


def keep(call, table, row, values):
    rules.check_values(table, values)
    rules.check_targets(call, values)
    rules.compute(table, row)
    if table.name == "incident":
        rules.check_case(call, row)
    rules.check_duplicates(call, table, row)
    call.org.store.put(table.name, row[table.key], row)
    return row


def blank(org, table):
    """Rows hold every standard column, also those that a switch hides just now."""
    return {name: None for name in org.store.column_names[table.name]}


def actor(call):
    return ("systemuser", call.user.id)


def delete_with_children(org, table, row_id):
    """Notes belong to their record and go with it."""
    effects = [("delete", table.name, row_id)]
    org.store.remove(table.name, row_id)
    for nav, child, column in table.children:
        if nav.endswith("_Annotation") or child == "activityparty":
            for child_id in [key for key, row in org.store.rows[child].items() if row[column] == (table.name, row_id)]:
                org.store.remove(child, child_id)
                effects.append(("delete", child, child_id))
    return effects


def written(call, table, row, effect):
    options, _ = split(call.query)
    refuse(options, "$filter", "$orderby", "$top", "$count", "$skiptoken")
    url = call.url(table, row[table.key])
    if call.wants_representation:
        call.need("Read", table)
        view = view_of(call, table, options)
        body = {"@odata.context": f"{context(call, table, view, options)}/$entity", **project(call, view, row)}
        answer = ok(body, 201 if effect == "create" else 200,
                    {"ETag": etag(row), **applied(call, "return", "odata.include-annotations")})
    else:
        answer = no_content(url)
    answer.effects = [(effect, table.name, row[table.key])]
    return answer
