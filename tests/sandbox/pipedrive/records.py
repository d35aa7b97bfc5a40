"""What the control API and the pages show of a company, as values."""
from . import activities, deals, notes, persons, times
from .call import is_deleted

VIEWS = {"persons": persons.shown, "deals": deals.shown, "activities": lambda row: activities.shown(row, attendees=True),
         "activityTypes": activities.shown_type}


def row_shown(company, table, row):
    if table == "notes":
        return notes.shown(company, row)
    if table == "organizations":
        return {**row, "add_time": times.v2(row["add_time"]), "update_time": times.v2(row["update_time"])}
    return VIEWS[table](row)


def rows_shown(company, table):
    return [row_shown(company, table, row) for row in company.table(table).rows.values()]


def state(company):
    """Persons and deals as a CRM user sees them: each with its notes and activities."""
    living = {table: [row for row in company.table(table).rows.values() if not is_deleted(row)]
              for table in ("persons", "deals", "notes", "activities")}
    found = {"company_id": company.id, "host": company.host, "notes": len(living["notes"]), "activities": len(living["activities"])}
    for table, column in (("persons", "person_id"), ("deals", "deal_id")):
        found[table] = [{**row_shown(company, table, row),
                         "notes": [notes.shown(company, each) for each in living["notes"] if each[column] == row["id"]],
                         "activities": [activities.shown(each) for each in living["activities"] if each[column] == row["id"]]}
                        for row in living[table]]
    return found
