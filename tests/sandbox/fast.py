"""HTTP for load tests: one protocol object a connection, kept alive, every answer in the order of its request.

A request that nothing delays is answered while its bytes are read, without a task: its coroutine never waits. Only where there are faults
is it given to the loop.
"""
import asyncio

from .answer import Answer, Dropped
from .dataverse.batch import REASONS
from .routes import CONTROL, Request

HEAD_MOST, BODY_MOST = 256 * 1024, 128 * 1024 * 1024


class Connection(asyncio.Protocol):
    def __init__(self, routes, scheme, is_loopback, record=None):
        self.routes, self.scheme, self.is_loopback, self.record = routes, scheme, is_loopback, record
        self.unread, self.transport, self.loopback = b"", None, False
        self.task = None                     # of the request in hand, if it has to wait

    def connection_made(self, transport):
        self.transport, self.loopback = transport, self.is_loopback(transport)

    def connection_lost(self, _):
        self.unread = b""

    def data_received(self, data):
        self.unread = self.unread + data if self.unread else data
        if self.task is None:
            self.advance()

    def advance(self):
        """Answers what has arrived whole."""
        while self.unread and not self.transport.is_closing():
            found = self.next_request()
            if found is None:
                return
            if self.routes.sandbox.faults.all:
                self.task = asyncio.ensure_future(self.later(found))
                return
            self.reply(self.routes.replied(found, self.loopback))

    def next_request(self):
        end = self.unread.find(b"\r\n\r\n")
        if end < 0:
            if len(self.unread) > HEAD_MOST:
                self.transport.close()
            return None
        lines = self.unread[:end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = headers.get("content-length", "0")
        words = lines[0].split(" ")
        if len(words) != 3 or not length.isdigit() or int(length) > BODY_MOST or "transfer-encoding" in headers:
            self.send(Answer(400, {"Content-Type": "text/plain"}, b"not understood"))
            self.transport.close()
            return None
        whole = end + 4 + int(length)
        if len(self.unread) < whole:
            return None
        if self.record and not words[1].startswith(CONTROL):
            self.record.write(b"%d\n%b\n" % (whole, self.unread[:whole]))
        body, self.unread = self.unread[end + 4:whole], self.unread[whole:]
        path, _, query = words[1].partition("?")
        return Request(words[0], path, query, headers, body, f"{self.scheme}://{headers.get('host', '')}", self.transport.is_closing)

    def reply(self, running):
        try:
            running.send(None)
        except StopIteration as done:
            self.send(done.value)
        except Dropped:
            self.transport.abort()
        else:
            raise RuntimeError("a request without a fault had to wait")

    async def later(self, request):
        try:
            answer = await self.routes.replied(request, self.loopback)
            await asyncio.sleep(answer.drip_ms / 1000)
            self.send(answer)
        except Dropped as dropped:
            self.cut(dropped.partial)
        finally:
            self.task = None
        self.advance()

    def cut(self, partial):
        if partial is None:
            self.transport.abort()
            return
        self.send(partial, len(partial.body) // 2)
        self.transport.close()

    def send(self, answer, most=None):
        if self.transport.is_closing():
            return
        lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items() if answer.status != 204 or name != "Content-Type"]
        if answer.status != 204:
            lines.append(f"Content-Length: {len(answer.body)}")
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + answer.body[:most])
