"""The Web API over HTTP: who asks, may they go on now, what is misbehaved, and the journal of each operation."""
import asyncio
import time
import uuid

from . import batch, errors, service, throttle
from .answer import Refused, error
from .call import Call
from .multipart import ChangeSet, read_batch
from .seed import utc_now
from ..answer import Answer, Dropped
from ..faults import delay
from ..journal import safe_headers, text_of

URL_MOST = 32768
PREFIX = "/api/data/v9.2"


async def answer(sandbox, org, request, entry):
    """`request`: method, path (whole), api_path (below the service root), query, headers, body, root, gone() → bool."""
    items, refusal = read_items(request, entry)
    request.operations.extend(operations_of(items))
    note_items(sandbox, org, request, entry, items)
    fault = strike(sandbox, org, request, entry, items)
    action = fault.action if fault else {}
    if "drop_before" in action:
        raise Dropped
    if fault and fault.answer(error) and not action.get("after_commit") and "hang" not in action:
        await delay(action)
        return fault.answer(error)
    try:
        user = identify(sandbox, org, request)
    except Refused as problem:
        return problem.answer()
    entry["user"] = user.id
    usage = user.usage
    try:
        throttle.enter(usage, org.limits, time.monotonic())
    except Refused as problem:
        return problem.answer()
    started = time.monotonic()
    try:
        found = await commit(sandbox, org, user, request, entry, items, refusal, fault)
    finally:
        now = time.monotonic()
        throttle.leave(usage, now, (now - started) * 1000)
    found.headers.update(service_headers(org, usage) if found.status < 400 else request_id())
    return found


async def commit(sandbox, org, user, request, entry, items, refusal, fault):
    action = fault.action if fault else {}
    await delay(action)
    if action.get("hang"):
        how = await sandbox.faults.hold(entry["seq"])
        if how == "drop" or request.gone():
            raise Dropped
    if "late_commit_ms" in action:
        asyncio.get_running_loop().create_task(
            later(action["late_commit_ms"], lambda: perform(sandbox, org, user, request, entry, items, refusal)))
        if fault.answer(error):
            return fault.answer(error)
        raise Dropped
    found = perform(sandbox, org, user, request, entry, items, refusal)
    if action.get("drop_after_commit"):
        entry["status"], entry["code"] = found.status, found.code
        raise Dropped
    if action.get("truncate"):
        entry["status"], entry["code"] = found.status, found.code
        raise Dropped(found)
    return fault.answer(error) if action.get("after_commit") and fault.answer(error) else found


async def later(milliseconds, act):
    await asyncio.sleep(milliseconds / 1000)
    act()


def read_items(request, entry):
    """A batch's operations, or the refusal of its text; (None, None) for a single request."""
    if request.method != "POST" or request.api_path != "/$batch":
        entry["body"] = text_of(request.body)
        return None, None
    try:
        return read_batch(request.headers.get("content-type"), request.body), None
    except Refused as refusal:
        entry["body"] = request.body.decode("utf-8", "replace")
        return None, refusal


def operations_of(items):
    for item in items or ():
        yield from item.operations if isinstance(item, ChangeSet) else (item,)


def note_items(sandbox, org, request, entry, items):
    """Journal lines of a batch's operations, in order, before anything is carried out."""
    for number, operation in enumerate(operations_of(items)):
        path, _, query = operation.target.partition("?")
        operation.entry = sandbox.journal.open(
            org=org.name, kind=kind_of(operation.method, path), method=operation.method, path=path, query=query,
            headers=safe_headers(operation.headers), body=text_of(operation.body), batch=entry["seq"], part=number,
            content_id=operation.content_id)


def kind_of(method, path):
    if path.endswith("/$batch"):
        return "batch"
    if "EntityDefinitions" in path or path.endswith("/WhoAmI"):
        return "metadata"
    if method == "GET":
        return "read"
    return "action" if "Microsoft.Dynamics.CRM." in path else "write"


def strike(sandbox, org, request, entry, items):
    """The fault that concerns the whole request. One that only answers an operation stays with that operation."""
    if not sandbox.faults.all:
        return None
    fault = sandbox.faults.find(org.name, request.method, request.path, request.query, request.body)
    if fault:
        entry["fault"] = fault.id
        return fault
    whole = None
    for operation in operations_of(items):
        found = sandbox.faults.find(org.name, operation.method, operation.entry["path"], operation.entry["query"], operation.body)
        if not found:
            continue
        operation.entry["fault"] = found.id
        if found.answer(error) and not set(found.action) & {"after_commit", "hang", "delay_ms", "late_commit_ms"}:
            operation.fault = found
        else:
            whole = whole or found
    entry["fault"] = whole.id if whole else None
    return whole


def identify(sandbox, org, request):
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    token = sandbox.signin.tokens.get(value.strip()) if scheme.lower() == "bearer" else None
    if token is None or token.expires <= time.time() or token.org != org.name:
        login = f"{request.root.split('/orgs/')[0]}/login/{org.tenant}/oauth2/authorize"
        raise Unauthorized(f"Bearer authorization_uri={login}, resource_id={request.root.removesuffix(PREFIX)}/")
    user = org.user_of(token)
    if user is None or user.disabled:
        raise errors.not_a_member()
    if org.switches["disabled"]:
        raise errors.disabled()
    return user


class Unauthorized(Refused):
    def __init__(self, challenge):
        super().__init__(401, "", "")
        self.challenge = challenge

    def answer(self):
        return Answer(401, {"WWW-Authenticate": self.challenge}, b"", code="401")


def perform(sandbox, org, user, request, entry, items, refusal):
    """Carries the request out, all in one go: nothing else happens in the organisation meanwhile."""
    if len(request.path) + len(request.query) > URL_MOST:
        return errors.Refused(414, "", "The request URI is too long.").answer()
    if len(request.body) > org.limits.body_bytes:
        return Answer(413, {"Content-Type": "text/html"}, b"<h1>Request Entity Too Large</h1>", code="413")
    if refusal:
        return refusal.answer()
    call = Call(org, user, request.method, request.api_path, request.query, request.headers, request.body, request.root, utc_now())
    if items is None:
        found = service.answer(call)
        entry["effects"] = found.effects
        return found
    return run_batch(call, items)


def run_batch(call, items):
    def one(operation, inner, refused):
        if refused is None:
            refused = operation.fault.answer(error) if operation.fault else service.answer(inner)
        operation.entry.update(status=refused.status, code=refused.code, effects=refused.effects)
        return refused

    def undo(operations):
        """A change set that was rolled back had no effect."""
        for operation in operations:
            operation.entry["effects"] = []
    return batch.run(call, items, one, undo)


def service_headers(org, usage):
    requests, milliseconds = throttle.remaining(usage, org.limits)
    return {"x-ms-dop-hint": str(org.limits.dop_hint), "x-ms-ratelimit-burst-remaining-xrm-requests": str(requests),
            "x-ms-ratelimit-time-remaining-xrm-requests": str(milliseconds),
            "Set-Cookie": f"ARRAffinity={org.id}; path=/; HttpOnly", **request_id()}


def request_id():
    """What an administrator would quote to the vendor."""
    value = str(uuid.uuid4())
    return {"x-ms-service-request-id": value, "REQ_ID": value}
