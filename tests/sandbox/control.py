"""The control API: what tests and the demo do to the world behind the connectors' backs. Loopback only, no credentials."""
import json
import re
import urllib.parse

from .answer import Answer
from .demand import demand
from .faults import Faults
from .journal import MOST
from .refused import Wrong
from .rows import answer as on_rows

ROWS = re.compile(r"rows/([^/]+)/([^/()]+)(?:/([0-9a-fA-F-]+))?")


def reply(value, status=200):
    return Answer(status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(value).encode())


def answer(sandbox, request):
    """`request.path` is below /_control/."""
    try:
        body = json.loads(request.body) if request.body else {}
        rows = ROWS.fullmatch(request.path)
        if rows:
            org = org_named(sandbox, rows[1])
            table = org.vendor.Table(org, rows[2], sandbox.clock.time())
            return reply(on_rows(table, request.method, rows[3], body))
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


def orgs_of(sandbox, body, knows):
    """The one that is named, or all of those vendors that know what is asked."""
    if body.get("org"):
        return [org_named(sandbox, body["org"])]
    found = [org for org in sandbox.world.orgs.values() if knows(org)]
    if not found:
        raise Wrong(400, "no organisation knows all of that")
    return found


def journal(sandbox, _, query):
    limit = int(query.get("limit", MOST))
    entries = sandbox.journal.select(query.get("org"), int(query.get("since", 0)), query.get("kind"), limit)
    after = entries[-1]["seq"] if len(entries) == limit else sandbox.journal.seq
    if "fields" in query:
        names = query["fields"].split(",")
        entries = [{name: entry[name] for name in names} for entry in entries]
    return {"entries": entries, "next": after, "dropped": sandbox.journal.dropped}


def creates(sandbox, _, query):
    """What requests whose body holds a text brought into being, and how many there were of them."""
    text = query.get("text", "")
    asked = [entry for entry in sandbox.journal.select(query.get("org"))
             if entry["kind"] == "write" and text in json.dumps(entry["body"], ensure_ascii=False)]
    made = [effect[1:] for entry in asked for effect in entry["effects"] if effect[0] == "create"]
    return {"creates": made, "requests": len(asked)}


def cost(sandbox, _, __):
    return sandbox.cost.told()


def clear_cost(sandbox, _, __):
    sandbox.cost.reset()
    return {}


def tally(sandbox, _, __):
    """Only with --fast: what the journal counted."""
    return sandbox.journal.told()


def writes(sandbox, _, query):
    """Only with --fast and --mark: (time, org, mark) of each write that held one, oldest first."""
    found = list(sandbox.journal.writes)[int(query.get("since", 0)):]
    return {"writes": found, "next": int(query.get("since", 0)) + len(found)}


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
    lengths, throttle = body.get("lengths", {}), body.get("throttle", {})
    for org in orgs_of(sandbox, body, lambda org: org.vendor.knows_limits(org, set(lengths), set(throttle))):
        org.vendor.set_limits(org, lengths, throttle)
    return {}


def switches(sandbox, body, _):
    demand(body, {"org", "switches"}, "switches")
    for org in orgs_of(sandbox, body, lambda org: org.vendor.knows_switches(org, set(body["switches"]))):
        org.vendor.set_switches(org, body["switches"])
    return {}


def users(sandbox, body, _):
    org = org_named(sandbox, body["org"])
    return org.vendor.set_user(sandbox, org, body)


def expires_in(sandbox, body, _):
    for signin in (sandbox.signin, sandbox.oauth):
        signin.expires_in = int(body["seconds"])
    return {}


def clock(sandbox, body, _):
    """Moves time on for what heeds the sandbox's own clock."""
    sandbox.clock.advance(float(body["advance"]))
    return {"time": sandbox.clock.time()}


def tenants(sandbox, body, _):
    """Changes a client of a tenant: its secret, or that it has expired."""
    sandbox.world.tenants[body["tenant"]]["clients"][body["client"]].update(body["set"])
    return {}


def apps(sandbox, body, _):
    """Changes an app: its secret, callback, scopes, or whether refresh tokens rotate."""
    demand(body, {"app", "set"}, "apps")
    sandbox.world.set_app(body["app"], body["set"])
    return {}


def page_state(sandbox, _, __):
    return {"orgs": {name: org.vendor.state(org) for name, org in sandbox.world.orgs.items()}}


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
    ("GET", "cost"): cost, ("DELETE", "cost"): clear_cost,
    ("GET", "tally"): tally, ("GET", "writes"): writes, ("GET", "creates"): creates, ("POST", "clock"): clock, ("POST", "apps"): apps, ("GET", "page-state"): page_state,
}
