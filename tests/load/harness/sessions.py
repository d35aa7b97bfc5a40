"""The sessions that are sent: a meeting with one guest whom only it has, with as much text as wanted. The number of the
session stands where the placeholder is. Texts differ between templates, so that compression has its work."""

import datetime
import json
import random

TEMPLATES = 32
PLACEHOLDER = "@@@@@@@@"
KEY = "load-key-of-the-meetings-5c1e90"
SOUNDS = ["ka", "lo", "mi", "ter", "sen", "bra", "du", "vel", "or", "ni", "pas", "qui", "ho", "fe", "gar", "it", "ul", "ze"]

TENANT = """
[[tenant]]
id = "contoso"
name = "Contoso AB"
domains = ["contoso.example"]
region = "SE"

[[source]]
tenant = "contoso"
id = "meetings"
name = "Meetings"
revisions = "number"
key = "{key}"
"""
# What the tenant is connected to; {crm} is the answering CRM's address.
CONNECTIONS = {
    "dynamics365": """
[[connection]]
tenant = "contoso"
id = "dynamics"
crm = "dynamics365"
url = "{crm}/orgs/contoso"
client_secret = "contoso-demo-secret"
client_id = "5a5e0000-0000-4000-8000-00000000c001"
settings = {{ sign_in_tenant = "contoso.example", sign_in_url = "{crm}/login" }}
""",
    "pipedrive": """
[[connection]]
tenant = "contoso"
id = "pipedrive"
crm = "pipedrive"
url = "{crm}/companies/tailwind"
api_token = "tailwind-demo-token"
settings = {{ sign_in = "api_token", daily_share = "100" }}
""",
}
# Pipedrive takes ten searches in two seconds, and we keep to it: more guests than that would measure the waiting. The few
# are remembered after their first session.
GUESTS = {"dynamics365": None, "pipedrive": 8}
PAYLOADS = {
    "dynamics365": "a guest of its own each; notes on contact and account",
    "pipedrive": "8 guests in turn; a note on person and deal",
}


def tenants(crm, url):
    return TENANT.format(key=KEY) + CONNECTIONS[crm].format(crm=url)


def prose(chance, size):
    """Markdown of about this many bytes: headings, lists, some emphasis."""
    text = ""
    while len(text) < size:
        words = ["".join(chance.choices(SOUNDS, k=chance.randint(1, 4))) for _ in range(chance.randint(6, 18))]
        if chance.random() < 0.1:
            words[0] = f"**{words[0]}**"
        start = chance.choices(["", "- ", "\n## "], weights=[6, 5, 1])[0]
        text += start + " ".join(words).capitalize() + ".\n"
    return text[:size]


def template(number, size, crm="dynamics365"):
    """A session's JSON of exactly `size` bytes."""
    chance = random.Random(number)
    guest = f"{number % GUESTS[crm]:08}" if GUESTS[crm] else PLACEHOLDER
    session = {
        "session_id": f"load-{PLACEHOLDER}",
        "revision": 1,
        "channel": "meeting",
        "title": f"Review load-{PLACEHOLDER}",
        "started_at": hours_from_now(-26),
        "ended_at": hours_from_now(-25),
        "session_url": f"https://meet.example/s/load-{PLACEHOLDER}",
        "presenter": "host@contoso.example",
        "participants": [
            {"name": "Host", "email": "host@contoso.example", "role": "host"},
            {"name": f"Guest {guest}", "email": f"guest-{guest}@customer.example"},
        ],
        "summary": {"text": "", "format": "markdown"},
    }
    text = prose(chance, size)
    while (over := len(json.dumps({**session, "summary": {"text": text, "format": "markdown"}})) - size) > 0:
        text = text[:-over].rstrip("\\\n ") if over < len(text) else ""
    session["summary"]["text"] = text
    return json.dumps(session) + " " * -over


def hours_from_now(hours):
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0, second=0)
    return (now + datetime.timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def write_templates(folder, size, crm):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(TEMPLATES):
        (folder / f"session.{number}").write_text(template(number, size, crm))
    return folder / "session"
