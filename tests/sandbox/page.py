"""The HTML pages: organisations, and records with their notes as a CRM user would see them.

A note is text from outside. It is shown in a frame that may run nothing and load nothing (sandbox attribute and CSP); the only script
of the page fits the frames' heights and is known by its nonce.
"""
import html
import pathlib
import re
import secrets
import urllib.parse

from .answer import Answer
from .dataverse.records import org_state

CSS = (pathlib.Path(__file__).parent / "page.css").read_text()
FIT = """for (const frame of document.querySelectorAll("iframe")) {
  const fit = () => {
    const inside = frame.contentDocument?.documentElement;
    if (inside) frame.style.height = inside.offsetHeight + 4 + "px";
  };
  frame.addEventListener("load", fit);
  window.addEventListener("resize", fit);
  fit();
}"""
FRAME = """<!doctype html><meta charset="utf-8"><base target="_blank"><style>
html { overflow: hidden } body { margin: 0; font: 14px/1.5 system-ui, "Segoe UI", "DejaVu Sans", "Noto Sans CJK JP", sans-serif;
color: #1f2933; overflow-wrap: anywhere } h1, h2, h3 { font-size: 15px; margin: .8em 0 .3em } p, ul, ol, blockquote { margin: .3em 0 .6em }
table { border-collapse: collapse } td, th { border: 1px solid #dfe4ea; padding: 2px 8px } a { color: #0b5cad }</style>"""
SETS = (("contacts", "Contacts"), ("accounts", "Accounts"), ("appointments", "Appointments"), ("incidents", "Cases"))
TYPES = {"contact": "contacts", "account": "accounts", "appointment": "appointments", "incident": "incidents",
         "1": "accounts", "2": "contacts", "4201": "appointments", "112": "incidents"}
e = html.escape


def document(title, head, body, status=200):
    nonce = secrets.token_urlsafe(16)
    text = (f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{e(title)}</title><style>{CSS}</style><header><div>{head}</div></header><main>{body}</main>"
            f'<script nonce="{nonce}">{FIT}</script></html>')
    policy = (f"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; frame-src 'self'; form-action 'none'; "
              f"frame-ancestors 'none'")
    return Answer(status, {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy,
                           "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}, text.encode("utf-8", "replace"))


def answer(world, request):
    if request.path != "/":
        return document("Not found", "<h1>Not found</h1>", '<p><a href="/">All organisations</a></p>', 404)
    cards = "".join(org_card(org) for org in world.orgs.values())
    return document("Sandbox", "<h1>Sandbox</h1><div class=soft>Simulated CRM organisations</div>",
                    f"<h2>Organisations</h2>{cards}<p class=meta><a href='/_control/journal'>journal of all requests (JSON)</a></p>")


def org_card(org):
    state = org_state(org)
    counts = " ".join(f"<span>{len(state[key])} {label.lower()}</span>" for key, label in SETS)
    return (f'<div class=card><h3><a href="/orgs/{e(org.name)}/">{e(org.name)}</a></h3>'
            f"<div class=meta><span>Dynamics 365</span> <span>{e(org.host or '')}</span> <span>{state['notes']} notes</span> {counts}</div></div>")


def answer_org(org, rest, request):
    if rest == "/main.aspx":
        return answer_record(org, urllib.parse.parse_qs(request.query))
    if rest != "/":
        return document("Not found", "<h1>Not found</h1>", f'<p><a href="/orgs/{e(org.name)}/">{e(org.name)}</a></p>', 404)
    state = org_state(org)
    counts = [(state["notes"], "notes")] + [(len(state[key]), label.lower()) for key, label in SETS]
    numbers = "".join(f"<li><b>{number}</b>{label}</li>" for number, label in counts)
    body = f"<ul class=counts>{numbers}</ul>" + "".join(section(org, label, key, state[key]) for key, label in SETS)
    return document(org.name, head_of(org), body)


def head_of(org):
    return (f"<h1>{e(org.name)}</h1><nav class=soft><a href='/'>All organisations</a><a href='/orgs/{e(org.name)}/'>Records</a>"
            f"<a href='/_control/journal?org={e(org.name)}'>Journal (JSON)</a></nav>")


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
        return document("Not found", head_of(org), "<h2>This record is unavailable.</h2><p>It may have been deleted.</p>", 404)
    return document(record["name"] or "(no name)", head_of(org), "<br>" + card(org, kind, record))


def card(org, key, record):
    notes = "".join(note_html(note) for note in sorted(record["notes"], key=lambda note: note["createdon"], reverse=True))
    description = f"<pre>{e(record['description'] or '')}</pre>" if key == "incidents" else ""
    return (f'<div class=card id="{e(record["id"])}"><h3>{link(org, key, record)}{badge(record)}</h3>'
            f"<div class=meta>{meta(key, record)}</div>{description}{notes}</div>")


def link(org, key, record):
    etn = next(name for name, table_set in TYPES.items() if table_set == key)
    return (f'<a href="/orgs/{e(org.name)}/main.aspx?pagetype=entityrecord&amp;etn={etn}&amp;id={e(record["id"])}">'
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


def day_and_time(text):
    return f"{text[:10]} {text[11:16]}" if text else "no time"


def note_html(note):
    edited = f", edited {day_and_time(note['modifiedon'])}" if note["modifiedon"] != note["createdon"] else ""
    frame = e(FRAME + (note["notetext"] or ""), quote=True)
    return (f"<div class=note><h4>{e(note['subject'] or '(no title)')}</h4><div class=soft>{day_and_time(note['createdon'])} UTC{edited}</div>"
            f'<iframe title="note" sandbox="allow-same-origin allow-popups" srcdoc="{frame}"></iframe></div>')
