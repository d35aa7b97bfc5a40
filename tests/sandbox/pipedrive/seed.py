"""A world file's part on companies → rows, users, knobs and limits; also what the control API changes in them."""
import re
import time

from . import persons, times
from .company import LENGTHS, RIGHTS, SWITCHES, TABLES, Company, User
from .throttle import PLANS, Limits, Usage, set_left
from ..demand import WorldProblem, demand

KEYS = {"company_id", "name", "host", "timezone", "timezone_offset", "country", "currency", "switches", "lengths", "throttle", "users",
        "grants", "rows"}
USER_KEYS = {"id", "name", "email", "rights", "lacks", "api_token", "admin", "group", "disabled", "declines"}
THROTTLE = set(Limits.__dataclass_fields__) | {"left"}
ALWAYS = float("-inf")                       # what comes from behind is in every index at once
MOMENTS = ("add_time", "update_time", "close_time", "done_time")
BLANK = {
    "organizations": {"name": "", "owner_id": None, "visible_to": 3, "is_deleted": False},
    "persons": {"name": "", "owner_id": None, "org_id": None, "emails": [], "phones": [], "visible_to": 3, "label_ids": [],
                "is_deleted": False, "custom_fields": {}},
    "deals": {"title": "", "person_id": None, "participant_ids": [], "org_id": None, "owner_id": None, "pipeline_id": 1, "stage_id": 1, "status": "open",
              "value": 0, "currency": "EUR", "is_archived": False, "is_deleted": False, "visible_to": 3, "close_time": None,
              "lost_reason": None},
    "notes": {"content": "", "active_flag": True, "person_id": None, "deal_id": None, "org_id": None, "user_id": None,
              "last_update_user_id": None},
    "activities": {"subject": "", "type": "call", "owner_id": None, "creator_user_id": None, "is_deleted": False, "deal_id": None,
                   "person_id": None, "org_id": None, "due_date": None, "due_time": None, "duration": None, "busy": False, "done": False,
                   "done_time": None, "location": None, "participants": [], "attendees": [], "public_description": None,
                   "priority": None, "note": None},
    "activityTypes": {"name": "", "key_string": None, "icon_key": "call", "order_nr": None, "color": None, "active_flag": True,
                      "is_custom_flag": True},
}


def add(orgs, name, wanted):
    """Makes a company, or adds to the one that is there."""
    demand(wanted, KEYS, f"companies.{name}")
    company = orgs.get(name)
    if company is None:
        company = orgs[name] = Company(name, wanted.get("company_id", len(orgs) + 1), wanted.get("name", name), wanted.get("host"),
                                       wanted.get("timezone", "Europe/Berlin"), wanted.get("timezone_offset", "+02:00"),
                                       wanted.get("country", "EE"), wanted.get("currency", "EUR"))
    set_switches(company, wanted.get("switches", {}))
    set_limits(company, wanted.get("lengths", {}), wanted.get("throttle", {}))
    for user in wanted.get("users", ()):
        add_user(company, user)
    for table, rows in wanted.get("rows", {}).items():
        for row in rows:
            put_row(company, table, row, time.time())


def set_switches(company, wanted):
    demand(wanted, set(SWITCHES), f"{company.name}.switches")
    for name, value in wanted.items():
        number = not isinstance(SWITCHES[name], bool)
        if number != (isinstance(value, (int, float)) and not isinstance(value, bool)):
            raise WorldProblem(f"{company.name}.switches.{name}: must be {'a number' if number else 'true or false'}")
    company.switches.update(wanted)


def set_limits(company, lengths, throttle):
    """{"notes.content": 500} in bytes, null restores the vendor's; rate limits, of which null restores the plan's."""
    demand(lengths, set(LENGTHS), f"{company.name}.lengths")
    demand(throttle, THROTTLE, f"{company.name}.throttle")
    if throttle.get("plan", "lite") not in PLANS:
        raise WorldProblem(f"{company.name}.throttle.plan: one of {', '.join(PLANS)}")
    for name, value in throttle.items():
        if name != "plan" and not isinstance(value, (int, float, type(None))):
            raise WorldProblem(f"{company.name}.throttle.{name}: must be a number")
    company.lengths.update({name: LENGTHS[name] if length is None else int(length) for name, length in lengths.items()})
    for name, value in throttle.items():
        if name != "left":
            setattr(company.limits, name, getattr(Limits(), name) if value is None else value)
    if throttle:
        company.usages.clear()               # a test that sets limits starts counting anew
        company.usage = Usage()
    if throttle.get("left") is not None:
        set_left(company, throttle["left"])


def add_user(company, wanted):
    demand(wanted, USER_KEYS, f"{company.name}.users")
    known = {name: wanted[name] for name in ("api_token", "admin", "group", "disabled", "declines") if name in wanted}
    company.users[wanted["id"]] = User(wanted["id"], wanted.get("name", ""), wanted.get("email", ""), rights_of(company, wanted), **known)


def rights_of(company, wanted):
    """"all" or a list of names, minus what the user `lacks`."""
    given = wanted.get("rights", "all")
    rights, lacks = RIGHTS if given == "all" else set(given), set(wanted.get("lacks", ()))
    if (rights | lacks) - RIGHTS:
        raise WorldProblem(f"{company.name}.users: unknown rights: {', '.join(sorted((rights | lacks) - RIGHTS))}")
    return set(rights - lacks)


def put_row(company, table, body, now, partial=False):
    """Stores a row in the API's form. Times may have either version's form; nothing is checked but names and types of times."""
    if table not in TABLES:
        raise WorldProblem(f"{company.name}: no table {table}")
    demand(body, {"id", "add_time", "update_time", *BLANK[table]}, f"{company.name}.{table}")
    now = int(now)
    before = company.table(table).get(body.get("id"))
    row = dict(before) if before and partial else {**BLANK[table], "add_time": now, "update_time": None}
    row.update(body)
    row["id"] = body.get("id") or company.table(table).next_id()
    for name in MOMENTS:
        if isinstance(row.get(name), str):
            row[name] = times.read(row[name])
            if row[name] is None:
                raise WorldProblem(f"{company.name}.{table}.{row['id']}: {name} is no time")
    if row["update_time"] is None or (partial and "update_time" not in body):
        row["update_time"] = now if partial else row["add_time"]
    COMPLETE.get(table, lambda *_: None)(company, row)
    if table == "persons":
        persons.put(company, row, ALWAYS)
    else:
        company.table(table).put(row, ALWAYS)
    return row["id"]


def owned(company, row):
    if row["owner_id"] is None:
        row["owner_id"] = next(iter(company.users), None)


def complete_person(company, row):
    """E-mails and phones may be plain texts."""
    owned(company, row)
    for name in ("emails", "phones"):
        row[name] = persons.values_of([{"value": item} if isinstance(item, str) else item for item in row[name]], name)


def complete_note(company, row):
    row["content"] = company.sanitised(row["content"])
    if row["user_id"] is None:
        row["user_id"] = next(iter(company.users), None)


def complete_activity(company, row):
    owned(company, row)
    if row["creator_user_id"] is None:
        row["creator_user_id"] = row["owner_id"]
    row["person_id"] = next((item["person_id"] for item in row["participants"] if item.get("primary")), row["person_id"])


def complete_type(_, row):
    """The key comes from the first name and stays when the name changes."""
    if row["key_string"] is None:
        row["key_string"] = re.sub(r"[^a-z0-9]+", "_", row["name"].lower()).strip("_")
    if row["order_nr"] is None:
        row["order_nr"] = row["id"]


COMPLETE = {"persons": complete_person, "deals": owned, "organizations": owned, "notes": complete_note, "activities": complete_activity,
            "activityTypes": complete_type}
