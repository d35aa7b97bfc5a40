"""A company's pages: persons and deals with their notes and activities as a CRM user would see them."""
import html
import re

from . import records
from ..page import counts_of, day_and_time, document, head_of, not_found, note_html, organisation_card

SETS = (("persons", "Persons"), ("deals", "Deals"))
RECORD = re.compile(r"/(person|deal)/(\d+)/?")
e = html.escape


def base_of(company):
    return f"/companies/{e(company.name)}"


def index_card(company):
    state = records.state(company)
    counts = [f"{state['notes']} notes", f"{state['activities']} activities"] + [f"{len(state[key])} {label.lower()}" for key, label in SETS]
    return organisation_card(company, base_of(company), "Pipedrive", counts)


def answer(company, rest):
    record = RECORD.fullmatch(rest)
    if record:
        return answer_record(company, f"{record[1]}s", int(record[2]))
    if rest != "/":
        return not_found("<h1>Not found</h1>", f'<p><a href="{base_of(company)}/">{e(company.name)}</a></p>')
    state = records.state(company)
    counts = [(state["notes"], "notes"), (state["activities"], "activities")] + [(len(state[key]), label.lower()) for key, label in SETS]
    body = counts_of(counts) + "".join(section(company, label, key, state) for key, label in SETS)
    return document(company.name, head_of(company, base_of(company)), body)


def answer_record(company, key, row_id):
    state = records.state(company)
    record = next((found for found in state[key] if found["id"] == row_id), None)
    head = head_of(company, base_of(company))
    if record is None:
        return not_found(head, "<h2>This record is unavailable.</h2><p>It may have been deleted.</p>")
    return document(title_of(record), head, "<br>" + card(company, key, record, state))


def title_of(record):
    return record.get("name") or record.get("title") or "(no name)"


def section(company, label, key, state):
    """Records with something on them as cards, the last touched first; the others as a short table."""
    last = {record["id"]: max([each["update_time"].replace("T", " ") for each in record["notes"] + record["activities"]], default="")
            for record in state[key]}
    touched = sorted((record for record in state[key] if last[record["id"]]), key=lambda record: last[record["id"]], reverse=True)
    cards = "".join(card(company, key, record, state) for record in touched)
    rows = "".join(f"<tr><td>{link(company, key, record)}</td><td class=meta>{meta(key, record, state)}</td></tr>"
                   for record in state[key] if not last[record["id"]])
    table = f"<table><tr><th>Nothing on them</th><th></th></tr>{rows}</table>" if rows else ""
    return f"<h2>{label} <small>{len(state[key])}</small></h2>{cards}{table}" if state[key] else ""


def card(company, key, record, state):
    notes = sorted(record["notes"], key=lambda note: (note["add_time"], note["id"]), reverse=True)
    work = sorted(record["activities"], key=lambda each: (each["due_date"] or "", each["id"]), reverse=True)
    inside = "".join(shown_note(each) for each in notes) + "".join(shown_activity(company, each) for each in work)
    return (f'<div class=card id="{key}-{record["id"]}"><h3>{link(company, key, record)}{badge(record)}</h3>'
            f"<div class=meta>{meta(key, record, state)}</div>{inside}</div>")


def link(company, key, record):
    return f'<a href="{base_of(company)}/{key[:-1]}/{record["id"]}">{e(title_of(record))}</a>'


def badge(record):
    said = "archived" if record.get("is_archived") else record.get("status")
    return f" <span class=badge>{e(said)}</span>" if said else ""


def meta(key, record, state):
    if key == "persons":
        said = [item["value"] for item in record["emails"] + record["phones"]]
    else:
        person = next((each["name"] for each in state["persons"] if each["id"] == record["person_id"]), None)
        said = [person, f"{record['value']:g} {record['currency']}", f"created {day_and_time(record['add_time'])}"]
    return "".join(f"<span>{e(text)}</span>" for text in said if text)


def shown_note(note):
    edited = f", edited {day_and_time(note['update_time'])}" if note["update_time"] != note["add_time"] else ""
    deal = f" · on the deal {e(note['deal']['title'])}" if note["deal"] else ""
    author = f"{e(note['user']['name'])} · " if note["user"] else ""
    return note_html(None, f"Note · {author}{day_and_time(note['add_time'])} UTC{edited}{deal}", note["content"])


def shown_activity(company, activity):
    kinds = company.table("activityTypes").rows.values()
    name = next((kind["name"] for kind in kinds if kind["key_string"] == activity["type"]), activity["type"])
    when = f"{activity['due_date'] or 'no date'} {(activity['due_time'] or '')[:5]}"
    took = f" · {activity['duration'][:5]} h" if activity["duration"] else ""
    said = f"{e(name or '')} · {when} UTC{took} · {'done' if activity['done'] else 'to do'}"
    return note_html(activity["subject"] or "(no subject)", said, activity["note"])
