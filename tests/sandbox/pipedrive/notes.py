"""Notes, which only version 1 has."""
import datetime

from . import times
from .answer import Refused, invalid, missing, ok
from .paging import by_offset

HERE = {"deal_id": ("deals", "Deal"), "person_id": ("persons", "Person"), "org_id": ("organizations", "Organization")}
ELSEWHERE = ("lead_id", "project_id", "task_id")        # not simulated: there is none of them
TARGETS = (*HERE, *ELSEWHERE)
PINS = {"pinned_to_deal_flag": "deal_id", "pinned_to_organization_flag": "org_id", "pinned_to_person_flag": "person_id",
        "pinned_to_lead_flag": "lead_id", "pinned_to_project_flag": "project_id", "pinned_to_task_flag": "task_id"}
SORTABLE = ("id", "user_id", "deal_id", "person_id", "org_id", "content", "add_time", "update_time")


def shown(company, row, me=None):
    person, deal, organization = (company.table(table).get(row[column]) for column, table in
                                  (("person_id", "persons"), ("deal_id", "deals"), ("org_id", "organizations")))
    user = company.users.get(row["user_id"])
    return {"id": row["id"], "active_flag": row["active_flag"], "add_time": times.v1(row["add_time"]),
            "update_time": times.v1(row["update_time"]), "content": row["content"],
            "person_id": row["person_id"], "person": {"name": person["name"]} if person else None,
            "deal_id": row["deal_id"], "deal": {"title": deal["title"]} if deal else None,
            "org_id": row["org_id"], "organization": {"name": organization["name"]} if organization else None,
            "lead_id": None, "project_id": None, "project": None, "task_id": None, "task": None, "user_id": row["user_id"],
            "user": {"name": user.name, "email": user.email, "icon_url": None, "is_you": user is me} if user else None,
            "last_update_user_id": row["last_update_user_id"], **{name: row.get(name, False) for name in PINS if name != "pinned_to_lead_flag"}}


def create(call):
    call.need("add notes")
    row = {"id": None, "active_flag": True, "add_time": int(call.now), "update_time": int(call.now), "person_id": None, "deal_id": None,
           "org_id": None, "user_id": call.user.id, "last_update_user_id": None, **dict.fromkeys(PINS, False)}
    row.update(checked(call, call.body, row))
    limit = call.company.switches["notesPerDeal"]
    if limit and row["deal_id"] and sum(each["active_flag"] for each in call.company.table("notes").where("deal_id", row["deal_id"])) >= limit:
        raise Refused(403, "The limit of notes for this deal has been reached.")
    row["id"] = call.company.table("notes").next_id()
    call.company.table("notes").put(row, call.now)
    return ok(shown(call.company, row, call.user), effects=[("create", "notes", row["id"])], status=call.created)


def checked(call, body, before):
    """The columns that the body sets; what the note is on then must be there."""
    found = {}
    if body.get("content") is not None:
        found["content"] = content_of(call.company, body["content"])
    for column in TARGETS:
        if body.get(column) is not None and column in HERE:
            found[column] = target_of(call, column, body[column])
        elif body.get(column) is not None:
            raise missing(column.removesuffix("_id").capitalize())
        elif column in body and column in HERE:
            found[column] = None
    after = {**before, **found}
    if not any(after.get(column) for column in HERE):
        raise Refused(400, "At least one of the parameters lead_id, deal_id, person_id, org_id is required")
    if call.company.switches["oneTargetPerNote"] and sum(bool(after[column]) for column in HERE) > 1:
        raise Refused(400, "A note can be attached to exactly one of lead_id, deal_id, person_id, org_id")
    for pin, column in PINS.items():
        if body.get(pin) and not after.get(column):
            raise Refused(400, f"{pin} requires {column}")
        if body.get(pin) is not None:
            found[pin] = bool(body[pin])
    if body.get("user_id") is not None and body["user_id"] != call.user.id:
        if not call.user.admin:
            raise Refused(403, "Only admins can set the author of a note.")
        if body["user_id"] not in call.company.users:
            raise missing("User")
        found["user_id"] = body["user_id"]
    if body.get("add_time") is not None:
        found["add_time"] = times.read(body["add_time"]) if "T" not in body["add_time"] else None
        if found["add_time"] is None:
            raise Refused(400, "add_time should be in the format YYYY-MM-DD HH:MM:SS")
    return found


def content_of(company, text):
    if not text.strip():
        raise Refused(400, "Note content is required")
    if len(text.encode("utf-8", "surrogatepass")) > company.lengths["notes.content"]:
        raise Refused(413 if company.switches["noteTooLong413"] else 400, "Note content is too long")
    return company.sanitised(text)


def target_of(call, column, row_id):
    table, what = HERE[column]
    row = call.living(table, row_id, what)
    if row.get("is_archived") and not call.company.switches["notesOnArchivedDeals"]:
        raise Refused(400, "Archived deals cannot be edited.")
    return row_id


def one(call):
    return ok(shown(call.company, call.wanted("notes", call.row_id, "Note"), call.user))


def update(call):
    call.need("edit notes")
    row = call.wanted("notes", call.row_id, "Note")
    if not row["active_flag"] and not call.company.switches["deletedNotesEditable"]:
        raise missing("Note")
    found = checked(call, call.body, row)
    changed = "content" in found and found["content"] != row["content"]
    row = {**row, **found, "last_update_user_id": call.user.id}
    if changed:
        row["update_time"] = int(call.now)
    call.company.table("notes").put(row, call.now)
    return ok(shown(call.company, row, call.user), effects=[("update", "notes", row["id"])])


def delete(call):
    call.need("delete notes")
    row = call.living("notes", call.row_id, "Note")
    call.company.table("notes").put({**row, "active_flag": False, "update_time": int(call.now)}, call.now)
    return ok(True, effects=[("delete", "notes", row["id"])])


def many(call):
    query, company = call.query, call.company
    rows = [row for row in candidates(company, query) if row["active_flag"] and company.is_listed("notes", row["id"], call.now)]
    for column in ("user_id", "deal_id", "org_id", *ELSEWHERE):
        if column in query:
            rows = [row for row in rows if row.get(column) == query[column]]
    for pin in PINS:
        if pin in query:
            rows = [row for row in rows if row.get(pin, False) == bool(query[pin])]
    rows = [row for row in rows if row["update_time"] >= query.get("updated_since", 0) and between(row, query)]
    page, additional = by_offset(in_order(rows, query.get("sort")), query)
    shown_rows = [shown(company, row, call.user) for row in page]
    return ok(shown_rows or (None if company.switches["emptyListNull"] else []), additional)


def candidates(company, query):
    table = company.table("notes")
    if "person_id" not in query:
        return table.where("deal_id", query["deal_id"]) if "deal_id" in query else table.rows.values()
    rows = table.where("person_id", query["person_id"])
    if company.switches["personListsDealNotes"]:
        deals = company.table("deals").where("person_id", query["person_id"])
        more = {row["id"]: row for deal in deals for row in table.where("deal_id", deal["id"])}
        rows = list({**{row["id"]: row for row in rows}, **more}.values())
    return rows


def between(row, query):
    day = datetime.datetime.fromtimestamp(row["add_time"], times.UTC).date()
    return query.get("start_date", day) <= day <= query.get("end_date", day)


def in_order(rows, sort):
    """`add_time DESC, id ASC`; ties stay as they were stored."""
    for part in reversed((sort or "id ASC").split(",")):
        name, _, direction = part.strip().partition(" ")
        if name not in SORTABLE or direction.upper() not in ("", "ASC", "DESC"):
            raise invalid("sort", f"This value should be fields of {', '.join(SORTABLE)} with ASC or DESC.")
        rows = sorted(rows, key=lambda row: (row[name] is not None, row[name] if row[name] is not None else 0),
                      reverse=direction.upper() == "DESC")
    return rows
