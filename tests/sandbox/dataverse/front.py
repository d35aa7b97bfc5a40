"""The Web API over HTTP: who asks, may they go on now, and how the exchange is misbehaved."""
import dataclasses
import time
import uuid

from . import batch, errors, service, throttle
from .answer import Refused, error
from .call import Call
from .multipart import read_batch
from .operations import note, operations_of, strike
from .seed import utc_now
from ..answer import Answer
from ..exchange import committed, refused_first

URL_MOST = 32768
PREFIX = "/api/data/v9.2"


@dataclasses.dataclass
class Exchange:
    """One HTTP request to an organisation and what is known of it so far."""
    sandbox: object
    org: object
    request: object                          # method, path, api_path (below the service root), query, headers, body, root, gone()
    entry: dict                              # its line in the journal
    items: list | None = None                # of a batch
    refusal: Refused | None = None           # of a batch's text
    action: dict = dataclasses.field(default_factory=dict)
    instead: Answer | None = None            # what a fault answers in place of the truth
    user: object = None


async def answer(sandbox, org, request, entry):
    found = await exchanged(prepared(Exchange(sandbox, org, request, entry)))
    found.headers.update(request_id())
    return found


def prepared(exchange):
    """Reads a batch's parts, notes them in the journal and finds the fault that strikes."""
    request, entry = exchange.request, exchange.entry
    if request.method == "POST" and request.api_path == "/$batch":
        try:
            exchange.items = read_batch(request.headers.get("content-type"), request.body)
        except Refused as refusal:
            exchange.refusal = refusal
            entry["body"] = request.body.decode("utf-8", "replace")
    else:
        exchange.sandbox.journal.take_body(entry, request.body)
    request.operations.extend(operations_of(exchange.items))
    note(exchange.sandbox.journal, exchange.org, entry, request.operations)
    fault = strike(exchange.sandbox.faults, exchange.org, request, request.operations)
    if fault:
        entry["fault"], exchange.action, exchange.instead = fault.id, fault.action, fault.answer(error)
    return exchange


async def exchanged(exchange):
    action, org = exchange.action, exchange.org
    found = await refused_first(action, exchange.instead)
    if found:
        return found
    try:
        exchange.user = identify(exchange.sandbox, org, exchange.request)
        exchange.entry["user"] = exchange.user.id
        usage = exchange.user.usage
        throttle.enter(usage, org.limits, time.monotonic())
    except Refused as refusal:
        return refusal.answer()
    started = time.monotonic()
    try:
        found = await committed(exchange.sandbox, exchange.request, exchange.entry, action, exchange.instead,
                                lambda: perform(exchange))
    finally:
        now = time.monotonic()
        throttle.leave(usage, now, (now - started) * 1000)
    if found.status < 400:
        found.headers.update(service_headers(org, usage))
    return found


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


def perform(exchange):
    """All in one go: nothing else happens in the organisation meanwhile."""
    request, org = exchange.request, exchange.org
    if len(request.path) + len(request.query) > URL_MOST:
        return Refused(414, "", "The request URI is too long.").answer()
    if len(request.body) > org.limits.body_bytes:
        return Answer(413, {"Content-Type": "text/html"}, b"<h1>Request Entity Too Large</h1>", code="413")
    if exchange.refusal:
        return exchange.refusal.answer()
    call = Call(org, exchange.user, request.method, request.api_path, request.query, request.headers, request.body, request.root,
                utc_now())
    if exchange.items is not None:
        return run_batch(call, exchange.items)
    found = service.answer(call)
    exchange.entry["effects"] = found.effects
    return found


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
            "Set-Cookie": f"ARRAffinity={org.id}; path=/; HttpOnly"}


def request_id():
    """What an administrator would quote to the vendor."""
    value = str(uuid.uuid4())
    return {"x-ms-service-request-id": value, "REQ_ID": value}
