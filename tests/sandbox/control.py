"""The control API: what tests and the demo do to the world behind the connectors' backs. Loopback only, no credentials."""
import json
import re
import time
import urllib.parse

from .answer import Answer
from .dataverse import seed, write
from .dataverse.records import org_state
from .demand import demand
from .faults import Faults
from .journal import MOST

ROWS = re.compile(r"rows/([^/]+)/([^/()]+)(?:/([0-9a-fA-F-]{36}))?")


class Wrong(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def reply(value, status=200):
    return Answer(status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(value).encode())


def answer(sandbox, request):
    """`request.path` is below /_control/."""
    try:
        body = json.loads(request.body) if request.body else {}
        rows = ROWS.fullmatch(request.path)
        if rows:
            return reply(on_rows(sandbox, request.method, *rows.groups(), body))
        handler = ROUTES.get((request.method, request.path))
        if handler is None:
            raise Wrong(404, f"nothing at {request.method} /_control/{request.path}; see tests/sandbox/README.md")
        return reply(handler(sandbox, body, dict(urllib.parse.parse_qsl(request.query))))
    except Wrong as wrong:
        return reply({"error": str(wrong)}, wrong.status)
    except (ValueError, KeyError, TypeError, AttributeError, re.error) as wrong:
        return reply({"error": f"{type(wrong).__name__}: {wrong}"}, 400)


def org_named(sandbox, name):
    if name not in sandbox.world.orgs:
        raise Wrong(404, f"no org {name}")
    return sandbox.world.orgs[name]


def orgs_of(sandbox, body):
    return [org_named(sandbox, body["org"])] if body.get("org") else list(sandbox.world.orgs.values())


def on_rows(sandbox, method, org_name, entity_set, row_id, body):
    org = org_named(sandbox, org_name)
    table = org.sets.get(entity_set)
    if table is None:
        raise Wrong(404, f"no table {entity_set}")
    rows = org.store.rows[table.name]
    if method == "GET" and row_id is None:
        return {"rows": [seed.shown(table, row) for row in rows.values()]}
    if method == "PUT" and row_id is None:
        return {"id": seed.put_row(org, entity_set, body)}
    if row_id is None or method not in ("GET", "PUT", "PATCH", "DELETE"):
        raise Wrong(405, f"{method} is not possible here")
    row_id = row_id.lower()
    if method != "PUT" and row_id not in rows:
        raise Wrong(404, f"no row {row_id} in {entity_set}")
    if method == "GET":
        return seed.shown(table, rows[row_id])
    if method == "DELETE":
        return {"deleted": [list(effect[1:]) for effect in write.delete_with_children(org, table, row_id)]}
    return {"id": seed.put_row(org, entity_set, {**body, table.key: row_id}, partial=method == "PATCH")}


def journal(sandbox, _, query):
    limit = int(query.get("limit", MOST))
    entries = sandbox.journal.select(query.get("org"), int(query.get("since", 0)), query.get("kind"), limit)
    after = entries[-1]["seq"] if len(entries) == limit else sandbox.journal.seq
    if "fields" in query:
        names = query["fields"].split(",")
        entries = [{name: entry[name] for name in names} for entry in entries]
    return {"entries": entries, "next": after, "dropped": sandbox.journal.dropped}


def clear_journal(sandbox, _, __):
    sandbox.journal.clear()
    return {"next": sandbox.journal.seq}


def add_faults(sandbox, body, _):
    specs = body if isinstance(body, list) else body.get("faults", [body])
    trial = Faults()                         # all or none
    for spec in specs:
        trial.add(spec)
        if spec.get("org") is not None:
            org_named(sandbox, spec["org"])
    return {"ids": [sandbox.faults.add(spec) for spec in specs]}


def show_faults(sandbox, _, __):
    return {"faults": [fault.shown() for fault in sandbox.faults.all], "held": sorted(sandbox.faults.held)}


def clear_faults(sandbox, _, __):
    sandbox.faults.clear()
    return {}


def release(sandbox, body, _):
    how = body.get("how", "answer")
    if how not in ("answer", "drop"):
        raise Wrong(400, "how: answer or drop")
    return {"released": sandbox.faults.release(how)}


def limits(sandbox, body, _):
    demand(body, {"org", "lengths", "throttle"}, "limits")
    for org in orgs_of(sandbox, body):
        seed.set_lengths(org, body.get("lengths", {}))
        seed.set_throttle(org, body.get("throttle", {}))
    return {}


def switches(sandbox, body, _):
    demand(body, {"org", "switches"}, "switches")
    for org in orgs_of(sandbox, body):
        seed.set_switches(org, body["switches"])
    return {}


def users(sandbox, body, _):
    """Changes a user of an org, or kills a person's or an application's sessions."""
    demand(body, {"org", "user", "privileges", "grant", "lacks", "disabled", "revoke", "access_tokens", "add"}, "users")
    org = org_named(sandbox, body["org"])
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


def expires_in(sandbox, body, _):
    sandbox.signin.expires_in = int(body["seconds"])
    return {}


def tenants(sandbox, body, _):
    """Changes a client of a tenant: its secret, or that it has expired."""
    sandbox.world.tenants[body["tenant"]]["clients"][body["client"]].update(body["set"])
    return {}


def page_state(sandbox, _, __):
    return {"orgs": {name: org_state(org) for name, org in sandbox.world.orgs.items()}}


def add_world(sandbox, body, _):
    sandbox.add_world(body)
    return {"orgs": sorted(sandbox.world.orgs)}


def reset(sandbox, _, __):
    sandbox.reset()
    sandbox.journal.clear()
    return {"orgs": sorted(sandbox.world.orgs)}


ROUTES = {
    ("GET", "journal"): journal, ("DELETE", "journal"): clear_journal,
    ("GET", "faults"): show_faults, ("POST", "faults"): add_faults, ("DELETE", "faults"): clear_faults,
    ("POST", "release"): release, ("POST", "limits"): limits, ("POST", "switches"): switches, ("POST", "users"): users,
    ("POST", "expires_in"): expires_in, ("POST", "tenants"): tenants, ("POST", "world"): add_world, ("POST", "reset"): reset,
    ("GET", "page-state"): page_state,
}
