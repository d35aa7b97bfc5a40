"""The API over HTTP: who asks, may they go on now, and how the exchange is misbehaved."""
import dataclasses
import email.utils
import re
import uuid

from . import contract, service, throttle
from .answer import Refused, error, gateway_401, html
from .company import Company
from ..exchange import committed, refused_first

API = re.compile(r"/(?:api/)?v(1|2)(/.*)")
METADATA = ("/users/me", "/users", "/activityTypes")
DISABLED = "Company account is not open"


@dataclasses.dataclass
class Caller:
    """Who a token stands for."""
    company: object
    user: object
    token: str
    grant: object = None                     # None: an API token


def caller_of(sandbox, request, company=None):
    """By its token, of this company or of any; None if it is not good for that."""
    now = sandbox.clock.time()
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        grant = sandbox.oauth.valid(value.strip(), now)
        found = sandbox.world.orgs.get(grant.company) if grant else None
        if found is None or company not in (None, found):
            return None
        user = found.users.get(grant.user)
        return Caller(found, user, value.strip(), grant) if user and not user.disabled else None
    value = request.headers.get("x-api-token", "")
    for each in [company] if company else [org for org in sandbox.world.orgs.values() if isinstance(org, Company)]:
        user = each.token_user(value)
        if user and not user.disabled:
            return Caller(each, user, value)
    return None


async def answer(sandbox, company, request, path, entry):
    """`path` begins with the version; `company` is None where the token alone says which one is meant."""
    match = API.fullmatch(path)
    version, route = int(match[1]), match[2]
    entry["kind"] = "write" if request.method != "GET" else "metadata" if route in METADATA else "read"
    sandbox.journal.take_body(entry, request.body)
    caller = caller_of(sandbox, request, company)
    company = company or (caller.company if caller else None)
    entry["org"] = company.name if company else None
    fault = sandbox.faults.find(entry["org"], request.method, request.path, request.query, request.body)
    action, instead = (fault.action, fault.answer(error)) if fault else ({}, None)
    entry["fault"] = fault.id if fault else None
    if instead and instead.status == 429:
        instead.headers = {"x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2", **instead.headers}
    found = await refused_first(action, instead) or await exchanged(sandbox, caller, version, route, request, entry, action, instead)
    found.headers.update({"x-correlation-id": str(uuid.uuid4()), "Date": email.utils.formatdate(sandbox.clock.time(), usegmt=True)})
    return found


async def exchanged(sandbox, caller, version, route, request, entry, action, instead):
    operation, row_id = contract.find(request.method, version, route)
    searching = operation is not None and operation.is_search
    try:
        if caller is None:
            raise gateway_401()
        entry["user"] = caller.user.id
        throttle.enter(caller.company, caller.token, caller.grant is not None, searching, sandbox.clock.time())
        refused = first_refusal(caller, operation, row_id, request.method, version, route)
    except Refused as refusal:
        refused = refusal.answer()
    if refused is None:
        found = await committed(sandbox, request, entry, action, instead,
                                lambda: perform(sandbox, caller, operation, row_id, request, entry))
    else:
        found = refused
    if caller:
        found.headers.update(throttle.headers(caller.company, caller.token, caller.grant is not None, searching, request.method,
                                              sandbox.clock.time()))
    return found


def first_refusal(caller, operation, methods, method, version, route):
    """What the gateway refuses whatever the request says, or None."""
    if operation is None:
        return unknown(caller.company, methods, method, version, route)
    if caller.company.switches["disabled"]:
        raise Refused(402, DISABLED)
    if caller.grant and not set(operation.scopes) & set(caller.grant.scopes):
        raise Refused(403, "Scope and URL mismatch", gateway=True)
    if not caller.grant and "use api" not in caller.user.rights:
        raise Refused(403, "API access is not allowed for this user.")
    return None


def unknown(company, methods, method, version, route):
    resource = route.split("/")[1]
    if version == 1 and contract.REMOVED.fullmatch(route):
        raise Refused(410 if company.switches["removed410"] else 404, "This endpoint is no longer available. Use API v2.")
    if methods:
        raise Refused(405, "Method not allowed", headers={"Allow": ", ".join(methods)})
    if version == 2 and resource in ("users", "notes", "activityTypes", "recents"):
        return html(404, "Not Found")
    if resource in contract.DOCUMENTED[version]:
        raise Refused(501, f"{method} {route} is not simulated here.")
    raise gateway_401()


def perform(sandbox, caller, operation, row_id, request, entry):
    """All in one go: nothing else happens in the company meanwhile."""
    found = service.answer(caller.company, caller.user, operation, row_id, request, sandbox.clock.time())
    entry["effects"] = found.effects
    entry["tokens"] = operation.cost if found.status < 400 or caller.company.switches["failedCallsCost"] else 0
    throttle.spend(caller.company, entry["tokens"])
    return found
