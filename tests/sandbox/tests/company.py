"""Raw requests to the fixture's Pipedrive company, and its sign-in."""
import base64
import json
import urllib.parse

BASE = "/companies/acme/api"
FORM = "application/x-www-form-urlencoded"
CALLBACK = "https://app.example/cb"


def basic(app="cid", secret="shh"):
    return {"Authorization": "Basic " + base64.b64encode(f"{app}:{secret}".encode()).decode()}


def token(world, app="cid", secret="shh", **fields):
    return world.request("POST", "/oauth/token", urllib.parse.urlencode(fields), {"Content-Type": FORM, **basic(app, secret)})


def refreshed(world, value="1:2:r1", **client):
    return token(world, grant_type="refresh_token", refresh_token=value, **client)


def part_of(wanted, found):
    """Every member that is wanted is there; more may be."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(name in found and part_of(value, found[name]) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(part_of, wanted, found))
    return type(wanted) is type(found) and wanted == found


class Company:
    """Requests with one credential: an API token, or an access token."""

    def __init__(self, world, api_token="kim-token", access=None, base=BASE):
        self.world, self.base = world, base
        self.headers = {"Authorization": f"Bearer {access}"} if access else {"x-api-token": api_token}

    def send(self, method, path, body=None, headers=None):
        named = {**self.headers, **({"Content-Type": "application/json"} if body is not None else {}), **(headers or {})}
        return self.world.request(method, self.base + path, json.dumps(body) if isinstance(body, (dict, list)) else body, named)

    def get(self, path, **query):
        return self.send("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path, body):
        return self.send("POST", path, body)

    def search(self, term, **query):
        reply = self.get("/v2/persons/search", term=term, **query)
        assert reply.status == 200, reply.body
        return [hit["item"]["id"] for hit in reply.json["data"]["items"]]

    def note(self, content="<p>x</p>", **values):
        return self.post("/v1/notes", {"content": content, "person_id": 7, **values})

    def notes(self, **query):
        return [note["id"] for note in self.get("/v1/notes", **query).json["data"] or ()]

    def activity(self, **values):
        return self.post("/v2/activities", {"subject": "x", "type": "call", "due_date": "2026-09-30", **values})

    def switch(self, **switches):
        self.world.control("POST", "switches", {"org": "acme", "switches": switches})

    def limit(self, **throttle):
        self.world.control("POST", "limits", {"org": "acme", "throttle": throttle})

    def person(self, **columns):
        return self.world.control("PUT", "rows/acme/persons", columns)["id"]


def refused(reply, status, said, code=None):
    body = reply.json
    assert reply.status == status and body["success"] is False and said in body["error"] and body.get("code") == code, reply.body
