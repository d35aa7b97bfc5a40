"""Activities and their types. The person of an activity is its primary participant, and cannot be set otherwise."""
import datetime
import re

from . import times
from .answer import BAD, Refused, invalid, missing, ok
from .call import is_deleted
from .paging import by_cursor, changed_within, in_order

PLAIN = ("subject", "type", "due_date", "due_time", "duration", "busy", "done", "location", "attendees", "public_description",
         "priority", "note")
READ_ONLY = "'person_id' is a read-only field. Add a primary participant with this person_id to participants instead."


def types(call):
    rows = sorted(call.company.table("activityTypes").rows.values(), key=lambda row: (row["order_nr"], row["id"]))
    return ok([shown_type(row) for row in rows] or None)


def shown_type(row):
    return {"id": row["id"], "order_nr": row["order_nr"], "name": row["name"], "key_string": row["key_string"],
            "icon_key": row["icon_key"], "active_flag": row["active_flag"], "color": row["color"],
            "is_custom_flag": row["is_custom_flag"], "add_time": times.v1(row["add_time"]), "update_time": times.v1(row["update_time"])}


def shown(row, attendees=False):
    body = {"id": row["id"], "subject": row["subject"], "type": row["type"], "owner_id": row["owner_id"],
            "creator_user_id": row["creator_user_id"], "is_deleted": row["is_deleted"], "add_time": times.v2(row["add_time"]),
            "update_time": times.v2(row["update_time"]), "deal_id": row["deal_id"], "lead_id": None, "person_id": row["person_id"],
            "org_id": row["org_id"], "project_id": None, "due_date": row["due_date"], "due_time": row["due_time"],
            "duration": row["duration"], "busy": row["busy"], "done": row["done"],
            "marked_as_done_time": times.v2(row["done_time"]), "location": row["location"], "participants": row["participants"],
            "conference_meeting_client": None, "conference_meeting_url": None, "conference_meeting_id": None,
            "public_description": row["public_description"], "priority": row["priority"], "note": row["note"]}
    return {**body, "attendees": row["attendees"]} if attendees else body


def blank(call):
    return {"id": None, "subject": None, "type": None, "owner_id": call.user.id, "creator_user_id": call.user.id, "is_deleted": False,
            "deal_id": None, "person_id": None, "org_id": None, "due_date": None, "due_time": None, "duration": None, "busy": False,
            "done": False, "done_time": None, "location": None, "participants": [], "attendees": [], "public_description": None,
            "priority": None, "note": None, "add_time": int(call.now), "update_time": int(call.now)}


def create(call):
    call.need("add activities")
    for name in ("subject", "type"):
        if not call.body.get(name):
            raise invalid(name, "This field is required.")
    row = {**blank(call), **checked(call, call.body)}
    row["id"] = call.company.table("activities").next_id()
    settle(call, row)
    call.company.table("activities").put(row, call.now)
    return ok(shown(row, attendees=True), effects=[("create", "activities", row["id"])], status=call.created)


def update(call):
    call.need("edit activities")
    before = call.living("activities", call.row_id, "Activity")
    row = {**before, **checked(call, call.body), "update_time": int(call.now)}
    settle(call, row)
    call.company.table("activities").put(row, call.now)
    return ok(shown(row, attendees=True), effects=[("update", "activities", row["id"])])


def checked(call, body):
    if "person_id" in body:
        raise Refused(400, READ_ONLY, BAD)
    for name in ("lead_id", "project_id"):
        if body.get(name) is not None:
            raise missing(name.removesuffix("_id").capitalize())
    found = {name: body[name] for name in PLAIN if name in body}
    if found.get("type") is not None:
        check_type(call.company, found["type"])
    if found.get("due_date") is not None:
        found["due_date"] = day_of(found["due_date"])
    for name in ("due_time", "duration"):
        if found.get(name) is not None:
            found[name] = time_of(name, found[name])
    if found.get("note") is not None:
        if len(found["note"].encode("utf-8", "surrogatepass")) > call.company.lengths["activities.note"]:
            raise invalid("note", "This value is too long.")
        found["note"] = call.company.sanitised(found["note"])
    if "owner_id" in body:
        if body["owner_id"] not in call.company.users:
            raise invalid("owner_id", "This user does not exist.")
        found["owner_id"] = body["owner_id"]
    for name, table, what in (("deal_id", "deals", "Deal"), ("org_id", "organizations", "Organization")):
        if body.get(name) is not None and call.living(table, body[name], what).get("is_archived"):
            raise Refused(400, "Archived deals cannot be edited.", BAD)
        if name in body:
            found[name] = body[name]
    if "participants" in body:
        found["participants"] = participants_of(call, body["participants"])
    return found


def check_type(company, key):
    known = any(row["key_string"] == key and row["active_flag"] for row in company.table("activityTypes").rows.values())
    if not known and company.switches["unknownType400"]:
        raise invalid("type", "This value is not a valid activity type.")


def participants_of(call, items):
    found = []
    for item in items or ():
        if item.get("person_id") is None:
            raise invalid("participants", "person_id: This field is required.")
        call.living("persons", item["person_id"], "Person")
        found.append({"person_id": item["person_id"], "primary": bool(item.get("primary", False))})
    if sum(item["primary"] for item in found) > 1 or len({item["person_id"] for item in found}) < len(found):
        raise invalid("participants", "This value should have one primary participant and nobody twice.")
    if found and not any(item["primary"] for item in found):
        found[0]["primary"] = True
    return found


def day_of(text):
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise invalid("due_date", "This value is not a valid date.")


def time_of(name, text):
    """HH:MM or HH:MM:SS → HH:MM:SS; a duration may have more hours than a day."""
    match = re.fullmatch(r"(\d\d):([0-5]\d)(?::([0-5]\d))?", text)
    if not match or (name == "due_time" and int(match[1]) > 23):
        raise invalid(name, "This value is not a valid datetime.")
    return f"{match[1]}:{match[2]}:{match[3] or '00'}"


def settle(call, row):
    """What follows from the rest: the person, the organisation, and when it was done."""
    row["person_id"] = next((item["person_id"] for item in row["participants"] if item["primary"]), None)
    if row["org_id"] is None:
        deal, person = call.company.table("deals").get(row["deal_id"]), call.company.table("persons").get(row["person_id"])
        row["org_id"] = next((each["org_id"] for each in (deal, person) if each and each["org_id"]), None)
    row["done"] = bool(row["done"])
    row["done_time"] = (row["done_time"] or int(call.now)) if row["done"] else None


def one(call):
    row = call.readable("activities", call.row_id, "Activity")
    if not call.company.sees_activity(call.user, row):
        raise missing("Activity")
    return ok(shown(row, "attendees" in call.query.get("include_fields", ())))


def delete(call):
    call.need("delete activities")
    row = call.living("activities", call.row_id, "Activity")
    call.company.table("activities").put({**row, "is_deleted": True, "update_time": int(call.now)}, call.now)
    return ok({"id": row["id"]}, effects=[("delete", "activities", row["id"])])


def many(call):
    query, company = call.query, call.company
    table = company.table("activities")
    rows = table.where("person_id", query["person_id"]) if "person_id" in query else table.rows.values()
    rows = [row for row in rows if not is_deleted(row) and changed_within(row, query) and company.sees_activity(call.user, row)
            and company.is_listed("activities", row["id"], call.now)]
    if "ids" in query:
        rows = [row for row in rows if str(row["id"]) in query["ids"]]
    if "lead_id" in query:
        rows = []
    for column in ("owner_id", "deal_id", "org_id", "done"):
        if column in query:
            rows = [row for row in rows if row[column] == query[column]]
    page, additional = by_cursor(in_order(rows, query), query)
    return ok([shown(row, "attendees" in query.get("include_fields", ())) for row in page], additional)
