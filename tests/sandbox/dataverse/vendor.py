"""What the sandbox around it asks of this vendor: where its requests go, and what the control API may do to an organisation."""
import re
import time

from . import front, pages, seed, write
from .operations import kind_of
from .records import org_state
from ..answer import Answer
from ..demand import WorldProblem, demand
from ..refused import Wrong

PLACE = "orgs"                               # in a world file, and in paths
VERSION = "/api/data/v9.2"
THROTTLE = {"requests", "execution_ms", "concurrent", "window", "dop_hint", "body_bytes"}

add = seed.add_org
set_switches = seed.set_switches
state = org_state
index_card = pages.index_card


async def answer(sandbox, org, rest, request, entry):
    """`rest` is the path below the organisation's base URL."""
    if not rest.startswith("/api/"):
        return pages.answer(org, rest, request)
    entry["kind"] = kind_of(request.method, request.path)
    if not re.match(r"/api/data/v9\.[0-2](/|$)", rest):
        return Answer(404, {"Content-Type": "text/html"}, b"<h1>404</h1>", code="404")
    request.api_path = rest[len(VERSION):] or "/"
    request.root = request.authority + request.path[:len(request.path) - len(rest)] + rest[:len(VERSION)]
    return await front.answer(sandbox, org, request, entry)


def knows_switches(org, names):
    return names <= set(org.switches)


def knows_limits(org, lengths, throttle):
    places = {f"{table.name}.{column.name}" for table in org.tables.values() for column in table.columns}
    return lengths <= places and throttle <= THROTTLE


def set_limits(org, lengths, throttle):
    seed.set_lengths(org, lengths)
    seed.set_throttle(org, throttle)


class Table:
    """For the control API, see rows.py."""

    def __init__(self, org, entity_set, _):
        self.org, self.name, self.table = org, entity_set, org.sets.get(entity_set)
        if self.table is None:
            raise Wrong(404, f"no table {entity_set}")
        self.key, self.rows = self.table.key, org.store.rows[self.table.name]

    def key_of(self, row_id):
        return row_id.lower()

    def all(self):
        return [seed.shown(self.table, row) for row in self.rows.values()]

    def one(self, key):
        return seed.shown(self.table, self.rows[key])

    def put(self, row, partial=False):
        return seed.put_row(self.org, self.name, row, partial)

    def delete(self, key):
        return [list(effect[1:]) for effect in write.delete_with_children(self.org, self.table, key)]


def set_user(sandbox, org, body):
    """Changes a user, or kills a person's or an application's sessions."""
    demand(body, {"org", "user", "privileges", "grant", "lacks", "disabled", "revoke", "access_tokens", "add"}, "users")
    if "add" in body:
        seed.add_user(org, body["add"])
        return {}
    user = org.users.get(body["user"])
    if user is None:
        raise Wrong(404, f"no user {body['user']} in {org.name}")
    if "privileges" in body:
        user.privileges = seed.privileges_of(org, {"privileges": body["privileges"]})
    user.privileges |= seed.privileges_of(org, {"privileges": body.get("grant", [])})
    user.privileges -= seed.privileges_of(org, {"privileges": body.get("lacks", [])})
    user.disabled = body.get("disabled", user.disabled)
    if body.get("revoke") and user.person:
        sandbox.signin.revoke(user.person, time.time())
    if body.get("access_tokens"):
        sandbox.signin.drop_access_tokens(user.person, user.client)
    return {"privileges": sorted(user.privileges)}
