"""An organisation's pages: records with their notes as a CRM user would see them."""
import html
import re
import urllib.parse

from .records import org_state
from ..page import counts_of, day_and_time, document, head_of, not_found, note_html, organisation_card

SETS = (("contacts", "Contacts"), ("accounts", "Accounts"), ("appointments", "Appointments"), ("incidents", "Cases"))
TYPES = {"contact": "contacts", "account": "accounts", "appointment": "appointments", "incident": "incidents",
         "1": "accounts", "2": "contacts", "4201": "appointments", "112": "incidents"}
e = html.escape


def base_of(org):
    return f"/orgs/{e(org.name)}"


def index_card(org):
    state = org_state(org)
    counts = [f"{len(state[key])} {label.lower()}" for key, label in SETS]
    return organisation_card(org, base_of(org), "Dynamics 365", [f"{state['notes']} notes", *counts])


def answer(org, rest, request):
    if rest == "/main.aspx":
        return answer_record(org, urllib.parse.parse_qs(request.query))
    if rest != "/":
        return not_found("<h1>Not found</h1>", f'<p><a href="{base_of(org)}/">{e(org.name)}</a></p>')
    state = org_state(org)
    counts = [(state["notes"], "notes")] + [(len(state[key]), label.lower()) for key, label in SETS]
    body = counts_of(counts) + "".join(section(org, label, key, state[key]) for key, label in SETS)
    return document(org.name, head_of(org, base_of(org)), body)


def section(org, label, key, records):
    """Records with notes as cards, the one with the latest note first; the others as a short table."""
    with_notes = [record for record in records if record["notes"] or key == "incidents"]
    with_notes.sort(key=lambda record: max((note["modifiedon"] for note in record["notes"]), default=""), reverse=True)
    cards = "".join(card(org, key, record) for record in with_notes)
    rest = [record for record in records if not record["notes"] and key != "incidents"]
    rows = "".join(f"<tr><td>{link(org, key, record)}{badge(record)}</td><td class=meta>{meta(key, record)}</td></tr>" for record in rest)
    table = f"<table><tr><th>Without notes</th><th></th></tr>{rows}</table>" if rows else ""
    return f"<h2>{label} <small>{len(records)}</small></h2>{cards}{table}" if records else ""


def answer_record(org, query):
    """A deep link as a CRM makes them. A note is shown on its record."""
    etn = query.get("etn", query.get("etc", [""]))[0]
    wanted = re.sub(r"[{}]", "", query.get("id", [""])[0]).lower()
    if etn in ("annotation", "5"):
        row = org.store.get("annotation", wanted)
        etn, wanted = row["objectid"] if row and row["objectid"] else (None, wanted)
    kind = TYPES.get(etn)
    record = next((found for found in org_state(org)[kind] if found["id"] == wanted), None) if kind else None
    if record is None:
        return not_found(head_of(org, base_of(org)), "<h2>This record is unavailable.</h2><p>It may have been deleted.</p>")
    return document(record["name"] or "(no name)", head_of(org, base_of(org)), "<br>" + card(org, kind, record))


def card(org, key, record):
    notes = "".join(shown_note(note) for note in sorted(record["notes"], key=lambda note: note["createdon"], reverse=True))
    description = f"<pre>{e(record['description'] or '')}</pre>" if key == "incidents" else ""
    return (f'<div class=card id="{e(record["id"])}"><h3>{link(org, key, record)}{badge(record)}</h3>'
            f"<div class=meta>{meta(key, record)}</div>{description}{notes}</div>")


def link(org, key, record):
    etn = next(name for name, table_set in TYPES.items() if table_set == key)
    return (f'<a href="{base_of(org)}/main.aspx?pagetype=entityrecord&amp;etn={etn}&amp;id={e(record["id"])}">'
            f"{e(record['name'] or '(no name)')}</a>")


def badge(record):
    return "" if record["active"] else " <span class=badge>inactive</span>"


def meta(key, record):
    if key == "appointments":
        said = [f"{day_and_time(record['start'])} – {(record['end'] or '')[11:16]} UTC"]
        if record["join_url"]:
            return f"<span>{e(said[0])}</span><div class=url title='{e(record['join_url'])}'>{e(record['join_url'])}</div>"
    else:
        said = [record.get("company"), record.get("ticket"), record.get("mail"), record.get("mobile"), record.get("phone")]
    return "".join(f"<span>{e(text)}</span>" for text in said if text)


def shown_note(note):
    edited = f", edited {day_and_time(note['modifiedon'])}" if note["modifiedon"] != note["createdon"] else ""
    return note_html(note["subject"] or "(no title)", f"{day_and_time(note['createdon'])} UTC{edited}", note["notetext"])
