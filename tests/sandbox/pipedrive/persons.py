"""Persons: nothing about them is unique."""

from . import times
from .answer import Refused, invalid, ok
from .call import is_deleted
from .paging import by_cursor, changed_within, in_order

SYNCED = ("im", "postal_address", "notes", "birthday", "job_title")
MERGED_TOO = ("notes", "deals", "activities")


def shown(row):
    """As version 2 shows it."""
    first, _, last = row["name"].rpartition(" ")
    body = {"id": row["id"], "name": row["name"], "first_name": first or last, "last_name": last if first else None,
            "owner_id": row["owner_id"], "org_id": row["org_id"], "add_time": times.v2(row["add_time"]),
            "update_time": times.v2(row["update_time"]), "emails": row["emails"], "phones": row["phones"],
            "is_deleted": row["is_deleted"], "visible_to": row["visible_to"], "label_ids": row["label_ids"], "picture_id": None,
            "custom_fields": row["custom_fields"]}
    body.update({name: row[name] for name in SYNCED if name in row})
    return body


def values_of(items, where):
    """E-mails or phones as they are kept: labelled, the first one primary unless another is."""
    found = [{"value": item.get("value") or "", "primary": bool(item.get("primary", False)), "label": item.get("label") or "work"}
             for item in items or ()]
    if any(not item["value"].strip() for item in found):
        raise invalid(where, "value: This field is required.")
    if found and not any(item["primary"] for item in found):
        found[0]["primary"] = True
    return found


def put(company, row, when):
    """Stores a person and what the search may find it by."""
    company.table("persons").put(row, when)
    for field, text in texts(row):
        company.folded.setdefault((field, text.casefold()), {})[row["id"]] = True


def texts(row):
    yield "name", row["name"]
    for field, column in (("email", "emails"), ("phone", "phones")):
        for item in row[column]:
            yield field, item["value"]


def create(call):
    call.need("add persons")
    body = call.body
    if not (body.get("name") or "").strip():
        raise invalid("name", "This field is required.")
    row = {"id": None, "owner_id": call.user.id, "org_id": None, "emails": [], "phones": [], "visible_to": 3, "label_ids": [],
           "is_deleted": False, "custom_fields": {}, "add_time": int(call.now), "update_time": int(call.now)}
    row.update(checked(call, body))
    if body.get("add_time") is not None:
        row["add_time"] = times.read(body["add_time"])
        if row["add_time"] is None:
            raise invalid("add_time", "This value is not a valid datetime.")
    row["id"] = call.company.table("persons").next_id()
    put(call.company, row, call.now)
    return ok(shown(row), effects=[("create", "persons", row["id"])], status=call.created)


def checked(call, body):
    """The columns that the body sets."""
    switches = call.company.switches
    if any(name in body for name in SYNCED) and not switches["contactSync"]:
        raise Refused(403, "Contact sync is not enabled for this company.", "feature_capping_contact_sync")
    if "marketing_status" in body and not switches["campaigns"]:
        raise Refused(403, "Campaigns is not enabled for this company.", "feature_capping_campaigns")
    small = call.company.limits.plan in ("lite", "growth")
    if body.get("visible_to") not in ((None, 1, 3) if small else (None, 1, 3, 5, 7)):
        raise invalid("visible_to", "The value you selected is not a valid choice.")
    found = {name: value for name, value in body.items() if name in ("name", "label_ids", "custom_fields", *SYNCED) and value is not None}
    for name in ("emails", "phones"):
        if name in body:
            found[name] = values_of(body[name], name)
    if body.get("visible_to") is not None:
        found["visible_to"] = body["visible_to"]
    if body.get("owner_id") is not None:
        if body["owner_id"] not in call.company.users:
            raise invalid("owner_id", "This user does not exist.")
        found["owner_id"] = body["owner_id"]
    if "org_id" in body:
        if body["org_id"] is not None:
            call.living("organizations", body["org_id"], "Organization")
        found["org_id"] = body["org_id"]
    return found


def update(call):
    call.need("edit persons")
    row = call.living("persons", call.row_id, "Person")
    if "name" in call.body and not (call.body["name"] or "").strip():
        raise invalid("name", "This field is required.")
    row = {**row, **checked(call, call.body), "update_time": int(call.now)}
    put(call.company, row, call.now)
    return ok(shown(row), effects=[("update", "persons", row["id"])])


def one(call):
    return ok(shown(call.readable("persons", call.row_id, "Person")))


def delete(call):
    call.need("delete persons")
    row = call.living("persons", call.row_id, "Person")
    put(call.company, {**row, "is_deleted": True, "update_time": int(call.now)}, call.now)
    return ok({"id": row["id"]}, effects=[("delete", "persons", row["id"])])


def many(call):
    query, company = call.query, call.company
    rows = [row for row in company.table("persons").rows.values()
            if not is_deleted(row) and company.sees(call.user, row) and company.is_listed("persons", row["id"], call.now)]
    if "ids" in query:
        if len(query["ids"]) > 100:
            raise invalid("ids", "No more than 100 ids are allowed.")
        rows = [row for row in rows if str(row["id"]) in query["ids"]]
    if "deal_id" in query:
        deal = company.table("deals").get(query["deal_id"])
        rows = [row for row in rows if deal and row["id"] == deal["person_id"]]
    for column in ("owner_id", "org_id"):
        if column in query:
            rows = [row for row in rows if row[column] == query[column]]
    rows = in_order([row for row in rows if changed_within(row, query)], query)
    page, additional = by_cursor(rows, query)
    return ok([shown(row) for row in page], additional)


def merge(call):
    """The person in the path disappears, what hung on it goes over to the other one."""
    call.need("edit persons")
    gone = call.living("persons", call.row_id, "Person")
    kept = call.living("persons", call.body["merge_with_id"], "Person")
    if gone is kept:
        raise invalid("merge_with_id", "A person cannot be merged with itself.")
    company, now = call.company, int(call.now)
    known = {item["value"].casefold() for column in ("emails", "phones") for item in kept[column]}
    added = {column: kept[column] + [{**item, "primary": False} for item in gone[column] if item["value"].casefold() not in known]
             for column in ("emails", "phones")}
    kept = {**kept, **added, "update_time": now}
    put(company, kept, call.now)
    put(company, {**gone, "is_deleted": True, "merged": company.switches["mergedGone"], "update_time": now}, call.now)
    for table in MERGED_TOO:
        for row in company.table(table).where("person_id", gone["id"]):
            company.table(table).put(moved(row, gone["id"], kept["id"]), call.now)
    return ok({**shown_v1(company, kept), "merge_what_id": gone["id"]},
              effects=[("update", "persons", kept["id"]), ("delete", "persons", gone["id"])])


def shown_v1(company, row):
    """As version 1 still shows it, after a merge; without its many counts."""
    newer = shown(row)
    return {**{name: newer[name] for name in ("id", "name", "first_name", "last_name", "owner_id", "org_id", "label_ids", "picture_id")},
            "company_id": company.id, "active_flag": not row["is_deleted"], "email": row["emails"], "phone": row["phones"],
            "first_char": row["name"][:1].lower(), "add_time": times.v1(row["add_time"]), "update_time": times.v1(row["update_time"]),
            "visible_to": str(row["visible_to"])}


def moved(row, old, new):
    parts = [{**part, "person_id": new if part["person_id"] == old else part["person_id"]} for part in row.get("participants", ())]
    return {**row, "person_id": new, **({"participants": parts} if "participants" in row else {})}
