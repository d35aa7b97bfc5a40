"""The process: its arguments and its sockets."""
import argparse
import asyncio
import datetime
import gc
import ipaddress
import json
import pathlib
import re
import signal
import ssl
import sys

from aiohttp import web
from aiohttp.web_exceptions import HTTPRequestEntityTooLarge

from .answer import Dropped
from .dataverse.batch import REASONS
from .demand import WorldProblem
from .fast import Connection
from .journal import Journal
from .routes import Request, Routes
from .sandbox import Sandbox, read_document
from .tally import Tally

BODY_MOST = 128 * 1024 * 1024
DEFAULT_WORLD = pathlib.Path(__file__).parent / "worlds" / "demo.json"


async def read_request(incoming, scheme):
    path, _, query = incoming.raw_path.partition("?")
    headers = {name.lower(): value for name, value in incoming.headers.items()}
    body = await incoming.read() if incoming.can_read_body else b""
    return Request(incoming.method, path, query, headers, body, f"{scheme}://{headers.get('host', '')}",
                   lambda: incoming.transport is None or incoming.transport.is_closing())


def is_loopback(transport):
    peer = transport.get_extra_info("peername") if transport else None
    return peer is not None and ipaddress.ip_address(peer[0]).is_loopback


class App:
    def __init__(self, routes, scheme):
        self.routes, self.scheme = routes, scheme

    async def __call__(self, incoming):
        try:
            request = await read_request(incoming, self.scheme)
        except HTTPRequestEntityTooLarge:
            return web.Response(status=413, text="too large")
        except ConnectionError:              # half a request: nothing was asked, nothing is done
            return web.Response(status=400)
        try:
            answer = await self.routes.replied(request, is_loopback(incoming.transport))
            return await drip(incoming, answer) if answer.drip_ms else respond(answer)
        except Dropped as dropped:
            return await cut(incoming, dropped.partial)


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
    loop, routes = asyncio.get_running_loop(), Routes(sandbox)
    record = open(arguments.record, "wb") if arguments.record else None
    if arguments.fast:
        gc.freeze()
        gc.set_threshold(100_000, 50, 1000)  # what is kept is kept for good: nothing to find in it
        make = lambda: Connection(routes, scheme, is_loopback, record)
    else:
        make = web.Server(App(routes, scheme), access_log=None, max_line_size=80_000, max_field_size=80_000,
                          request_factory=request_factory(loop))
    server = await loop.create_server(make, arguments.host, arguments.port, ssl=context, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    sandbox.authorities.update(f"{scheme}://{host}:{port}" for host in {arguments.host, "127.0.0.1", "localhost"})
    print(f"sandbox listening on {scheme}://{arguments.host}:{port}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()
    sandbox.faults.release("drop")
    if record:
        record.close()
    if not arguments.fast:
        await make.shutdown(timeout=0.2)


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
    parser.add_argument("--fast", action="store_true", help="for load tests: answers alike, but the journal only counts")
    parser.add_argument("--mark", metavar="REGEX", type=re.compile,
                        help="with --fast: the group in a write's body that `GET /_control/writes` tells with its time")
    parser.add_argument("--record", metavar="FILE", type=pathlib.Path,
                        help="with --fast: every request byte for byte, each after a line with its length")
    arguments = parser.parse_args()
    if (arguments.mark or arguments.record) and not arguments.fast:
        parser.error("--mark and --record belong to --fast")
    if bool(arguments.tls_cert) != bool(arguments.tls_key):
        parser.error("--tls-cert and --tls-key belong together")
    return arguments


def main():
    arguments = read_arguments()
    try:
        sandbox = Sandbox([read_document(path) for path in arguments.world or [DEFAULT_WORLD]], arguments.today,
                          Tally(arguments.mark) if arguments.fast else Journal(arguments.journal), arguments.fast)
        asyncio.run(serve(arguments, sandbox))
    except (OSError, WorldProblem, json.JSONDecodeError) as problem:
        sys.exit(f"sandbox: {problem}")
