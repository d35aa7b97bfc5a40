"""The process: sockets, paths, and the journal around every request."""
import argparse
import asyncio
import dataclasses
import datetime
import ipaddress
import json
import pathlib
import re
import signal
import ssl
import sys
import time

from aiohttp import web
from aiohttp.web_exceptions import HTTPRequestEntityTooLarge

from . import control, page
from .answer import Answer, Dropped
from .dataverse.batch import REASONS
from .demand import WorldProblem
from .journal import safe_headers, safe_query
from .pipedrive import oauth
from .pipedrive import vendor as pipedrive
from .sandbox import Sandbox, read_document
from .signin import front as signin

BODY_MOST = 128 * 1024 * 1024
ORG = re.compile(r"/(orgs|companies)/([^/]+)(/.*)?")
ILLEGAL = re.compile(r'[^\x21-\x7e]|["<>\\^`{|}]')        # what a URL never holds unencoded
DEFAULT_WORLD = pathlib.Path(__file__).parent / "worlds" / "demo.json"


@dataclasses.dataclass
class Request:
    """One HTTP request, freed of the server library."""
    method: str
    path: str
    query: str
    headers: dict
    body: bytes
    authority: str                           # scheme://host:port as the client wrote it
    gone: object                             # () → bool: the client has hung up
    api_path: str = ""
    root: str = ""
    operations: list = dataclasses.field(default_factory=list)


async def read_request(incoming, scheme):
    path, _, query = incoming.raw_path.partition("?")
    headers = {name.lower(): value for name, value in incoming.headers.items()}
    body = await incoming.read() if incoming.can_read_body else b""
    return Request(incoming.method, path, query, headers, body, f"{scheme}://{headers.get('host', '')}",
                   lambda: incoming.transport is None or incoming.transport.is_closing())


def is_loopback(incoming):
    peer = incoming.transport.get_extra_info("peername") if incoming.transport else None
    return peer is not None and ipaddress.ip_address(peer[0]).is_loopback


class App:
    def __init__(self, sandbox, scheme):
        self.sandbox, self.scheme = sandbox, scheme

    async def __call__(self, incoming):
        try:
            request = await read_request(incoming, self.scheme)
        except HTTPRequestEntityTooLarge:
            return web.Response(status=413, text="too large")
        except ConnectionError:              # half a request: nothing was asked, nothing is done
            return web.Response(status=400)
        if request.path.startswith("/_control/"):
            if not is_loopback(incoming):
                return web.Response(status=403, text="the control API answers loopback only")
            request.path = request.path[len("/_control/"):]
            return respond(control.answer(self.sandbox, request))
        started = time.monotonic()
        entry = self.sandbox.journal.open(kind="page", method=request.method, path=request.path,
                                          query=safe_query(request.query), headers=safe_headers(request.headers))
        try:
            answer = await self.answer(request, entry)
            entry.update(status=answer.status, code=answer.code)
            return await drip(incoming, answer) if answer.drip_ms else respond(answer)
        except Dropped as dropped:
            return await cut(incoming, dropped.partial)
        finally:
            took = round((time.monotonic() - started) * 1000, 2)
            self.sandbox.journal.close(entry, ms=took)
            for operation in request.operations:
                self.sandbox.journal.close(operation.entry, ms=took)

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


def respond(answer):
    response = web.Response(status=answer.status, body=answer.body, headers=answer.headers, reason=REASONS.get(answer.status))
    if answer.status == 204:
        response.headers.pop("Content-Type", None)
    return response


async def drip(incoming, answer):
    """The whole answer, in twenty bits, unless the client hangs up."""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(incoming)
    bit = len(answer.body) // 20 + 1
    try:
        for start in range(0, len(answer.body), bit):
            await asyncio.sleep(answer.drip_ms / 20_000)
            await response.write(answer.body[start:start + bit])
    except ConnectionError:
        pass
    return response


async def cut(incoming, partial):
    """Ends the connection: at once, or after half the body that the headers promise."""
    if partial is not None and incoming.transport is not None:
        response = web.StreamResponse(status=partial.status, headers=partial.headers)
        response.content_length = len(partial.body)
        await response.prepare(incoming)
        await response.write(partial.body[:len(partial.body) // 2])
        incoming.transport.close()
        return response
    if incoming.transport is not None:
        incoming.transport.abort()
    return web.Response(status=500)          # nobody reads it


async def serve(arguments, sandbox):
    context, scheme = None, "http"
    if arguments.tls_cert:
        context, scheme = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), "https"
        context.load_cert_chain(arguments.tls_cert, arguments.tls_key)
    loop = asyncio.get_running_loop()
    handler = web.Server(App(sandbox, scheme), access_log=None, max_line_size=80_000, max_field_size=80_000,
                         request_factory=request_factory(loop))
    server = await loop.create_server(handler, arguments.host, arguments.port, ssl=context, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    sandbox.authorities.update(f"{scheme}://{host}:{port}" for host in {arguments.host, "127.0.0.1", "localhost"})
    print(f"sandbox listening on {scheme}://{arguments.host}:{port}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()
    sandbox.faults.release("drop")
    await handler.shutdown(timeout=0.2)


def request_factory(loop):
    def make(message, payload, protocol, writer, task):
        return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=BODY_MOST)
    return make


def read_arguments():
    parser = argparse.ArgumentParser(
        prog="sandbox", description="A simulated outside world for Aftercall: Dynamics 365 organisations and Pipedrive companies "
        "with their sign-in services, a journal of every request, and faults on demand. See tests/sandbox/README.md.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one (default: %(default)s)")
    parser.add_argument("--tls-cert", metavar="FILE", help="PEM certificate chain; turns https on, needs --tls-key")
    parser.add_argument("--tls-key", metavar="FILE", help="PEM private key")
    parser.add_argument("--world", metavar="FILE", action="append", type=pathlib.Path,
                        help="world file to start with, may be repeated (default: worlds/demo.json)")
    parser.add_argument("--journal", metavar="FILE", type=pathlib.Path, help="append each finished request as a JSON line")
    parser.add_argument("--today", metavar="DATE", type=datetime.date.fromisoformat,
                        help="the day from which a world file's relative dates count (default: today, UTC)")
    arguments = parser.parse_args()
    if bool(arguments.tls_cert) != bool(arguments.tls_key):
        parser.error("--tls-cert and --tls-key belong together")
    return arguments


def main():
    arguments = read_arguments()
    try:
        sandbox = Sandbox([read_document(path) for path in arguments.world or [DEFAULT_WORLD]], arguments.journal,
                          arguments.today)
        asyncio.run(serve(arguments, sandbox))
    except (OSError, WorldProblem, json.JSONDecodeError) as problem:
        sys.exit(f"sandbox: {problem}")
