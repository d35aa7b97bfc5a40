"""What was written lately, of the kinds that are simulated."""
from . import activities, deals, notes, persons, times
from .answer import invalid, ok
from .paging import by_offset


def many(call):
    """Oldest first."""
    since = times.read(call.query["since_timestamp"])
    if since is None:
        raise invalid("since_timestamp", "This value is not a valid datetime.")
    company = call.company
    views = {"note": ("notes", lambda row: notes.shown(company, row, call.user)), "person": ("persons", persons.shown),
             "deal": ("deals", deals.shown), "activity": ("activities", activities.shown)}
    found = []
    for item in call.query.get("items", views):
        if item in views:
            table, view = views[item]
            rows = [row for row in company.table(table).rows.values() if row["update_time"] >= since and company.sees(call.user, row)]
            found += [(row["update_time"], {"item": item, "id": row["id"], "data": view(row)}) for row in rows]
    found.sort(key=lambda each: each[0])
    page, additional = by_offset(found, call.query)
    last = times.v1(page[-1][0]) if page else None
    return ok([item for _, item in page] or None,
              {"since_timestamp": call.query["since_timestamp"], "last_timestamp_on_page": last, **additional})
