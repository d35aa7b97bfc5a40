"""Deals, which here are only read: archived ones have a list of their own."""
from . import times
from .answer import invalid, ok
from .paging import by_cursor, changed_within, in_order

STATES = ("open", "won", "lost", "deleted")
PLAIN = ("owner_id", "org_id", "pipeline_id", "stage_id")


def shown(row):
    return {"id": row["id"], "title": row["title"], "person_id": row["person_id"], "org_id": row["org_id"], "owner_id": row["owner_id"],
            "creator_user_id": row["owner_id"], "pipeline_id": row["pipeline_id"], "stage_id": row["stage_id"], "status": row["status"],
            "value": row["value"], "currency": row["currency"], "add_time": times.v2(row["add_time"]),
            "update_time": times.v2(row["update_time"]), "stage_change_time": None, "is_deleted": row["is_deleted"],
            "is_archived": row["is_archived"], "probability": None, "lost_reason": row["lost_reason"], "visible_to": row["visible_to"],
            "close_time": times.v2(row["close_time"]), "won_time": times.v2(row["close_time"]) if row["status"] == "won" else None,
            "lost_time": times.v2(row["close_time"]) if row["status"] == "lost" else None, "expected_close_date": None, "label_ids": [],
            "origin": "ManuallyCreated", "origin_id": None, "channel": None, "channel_id": None, "source_lead_id": None, "arr": None,
            "mrr": None, "acv": None, "custom_fields": {}}


def many(call):
    return listed(call, archived=False)


def archived(call):
    return listed(call, archived=True)


def listed(call, archived):
    query, company = call.query, call.company
    states = query.get("status", STATES[:3])
    for state in states:
        if state not in STATES:
            raise invalid("status", f"This value should be one of {', '.join(STATES)}.")
    table = company.table("deals")
    rows = of_person(company, table, query["person_id"]) if "person_id" in query else table.rows.values()
    rows = [row for row in rows if row["is_archived"] == archived and ("deleted" if row["is_deleted"] else row["status"]) in states
            and company.sees(call.user, row) and changed_within(row, query)]
    if "ids" in query:
        rows = [row for row in rows if str(row["id"]) in query["ids"]]
    for column in PLAIN:
        if column in query:
            rows = [row for row in rows if row[column] == query[column]]
    page, additional = by_cursor(in_order(rows, query), query)
    return ok([shown(row) for row in page], additional)


def of_person(company, table, person):
    """A participant's deals are not the person's, unless the switch says so."""
    own = table.where("person_id", person)
    if not company.switches["participantListsDeals"]:
        return own
    return own + [row for row in table.rows.values() if person in row["participant_ids"] and row["person_id"] != person]


def one(call):
    return ok(shown(call.readable("deals", call.row_id, "Deal")))
