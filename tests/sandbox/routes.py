"""Whose a request is: by its path or host, with the journal around it."""
import dataclasses
import re
import time

from . import control, page
from .answer import Answer
from .pipedrive import oauth
from .pipedrive import vendor as pipedrive
from .signin import front as signin

ORG = re.compile(r"/(orgs|companies)/([^/]+)(/.*)?")
ILLEGAL = re.compile(r'[^\x21-\x7e]|["<>\\^`{|}]')        # what a URL never holds unencoded
CONTROL = "/_control/"


@dataclasses.dataclass(slots=True)
class Request:
    """One HTTP request, freed of the server library."""
    method: str
    path: str
    query: str
    headers: dict                            # names in lower case
    body: bytes
    authority: str                           # scheme://host:port as the client wrote it
    gone: object                             # () → bool: the client has hung up
    api_path: str = ""
    root: str = ""
    operations: list = dataclasses.field(default_factory=list)


class Routes:
    def __init__(self, sandbox):
        self.sandbox = sandbox

    async def replied(self, request, is_loopback):
        """→ Answer, or Dropped is raised."""
        if request.path.startswith(CONTROL):
            if not is_loopback:
                return Answer(403, {"Content-Type": "text/plain"}, b"the control API answers loopback only")
            request.path = request.path[len(CONTROL):]
            return control.answer(self.sandbox, request)
        journal, started = self.sandbox.journal, time.monotonic()
        self.sandbox.cost.requests += 1
        entry = journal.open(kind="page", method=request.method, path=request.path, query=request.query, headers=request.headers)
        try:
            answer = await self.answer(request, entry)
            entry.update(status=answer.status, code=answer.code)
            return answer
        finally:
            took = round((time.monotonic() - started) * 1000, 2)
            journal.close(entry, ms=took)
            for operation in request.operations:
                journal.close(operation.entry, ms=took)

    async def answer(self, request, entry):
        match = signin.PATH.fullmatch(request.path)
        if match:
            entry["kind"] = "signin"
            return await signin.answer(self.sandbox, match, request, entry)
        if ILLEGAL.search(request.path + request.query):
            return Answer(400, {"Content-Type": "text/html"}, b"<h1>Bad Request - Invalid URL</h1>", code="400")
        if oauth.PATH.fullmatch(request.path):
            entry["kind"] = "signin"
            return await oauth.answer(self.sandbox, request, entry)
        org, rest = self.org_of(request)
        if org is None and pipedrive.API.match(request.path):
            return await pipedrive.answer_anywhere(self.sandbox, request, entry)
        if org is None:
            return page.index("".join(each.vendor.index_card(each) for each in self.sandbox.world.orgs.values()), request)
        entry["org"] = org.name
        return await org.vendor.answer(self.sandbox, org, rest, request, entry)

    def org_of(self, request):
        """By path, /orgs/contoso/…, or by the host that the world file gives an organisation."""
        match = ORG.fullmatch(request.path)
        if match:
            org = self.sandbox.world.orgs.get(match[2])
            return (org, match[3] or "/") if org and org.vendor.PLACE == match[1] else (None, "/")
        host = request.headers.get("host", "").partition(":")[0].lower()
        return next((org for org in self.sandbox.world.orgs.values() if org.host == host), None), request.path
