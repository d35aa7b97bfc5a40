"""Misbehaviour on request: which requests a fault strikes, and what it does to them.

A fault is tried against the request itself; if it does not fit and the request is a batch, against each operation in it.
"""
import asyncio
import dataclasses
import re

from .answer import Answer

MATCH = {"method", "path", "query", "body", "nth"}
ACTION = {"status", "code", "message", "html", "body", "headers", "retry_after", "after_commit", "hang", "delay_ms", "drop_before",
          "drop_after_commit", "truncate", "late_commit_ms", "drip_ms", "aadsts"}
NUMBERS = ("status", "delay_ms", "late_commit_ms", "drip_ms", "aadsts")


async def delay(action):
    if action.get("delay_ms"):
        await asyncio.sleep(action["delay_ms"] / 1000)


@dataclasses.dataclass
class Fault:
    id: int
    org: str | None
    match: dict
    action: dict
    times: int | None                        # None: until deleted
    seen: int = 0
    struck: int = 0

    def fits(self, org, method, path, query, body):
        if self.org is not None and self.org != org:
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        match = self.match
        if "method" in match and match["method"].upper() != method:
            return False
        if any(name in match and not re.search(match[name], text) for name, text in (("path", path), ("query", query))):
            return False
        if "body" in match and not re.search(match["body"], body.decode("utf-8", "replace")):
            return False
        self.seen += 1
        if self.seen < match.get("nth", 1):
            return False
        self.struck += 1
        return True

    def answer(self, error):
        """The refusal in place of the real answer, or None if the request is to be carried out. `error(status, code,
        message)` makes the vendor's form of it."""
        action = self.action
        if "status" not in action:
            return None
        status = action["status"]
        if action.get("html", status in (502, 504)) or "body" in action:
            page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
            answer = Answer(status, {"Content-Type": "text/html"}, action.get("body", page).encode())
        else:
            answer = error(status, action.get("code"), action.get("message"))
        if "retry_after" in action:
            answer.headers["Retry-After"] = str(action["retry_after"])
        answer.headers.update(action.get("headers", {}))
        return answer

    def shown(self):
        return {"id": self.id, "org": self.org, "match": self.match, "action": self.action, "times": self.times,
                "struck": self.struck}


class Faults:
    def __init__(self):
        self.all = []
        self.held = {}                       # seq of a hanging request → its future
        self._next = 0

    def add(self, spec):
        """Raises ValueError that names what is wrong."""
        unknown = set(spec) - {"org", "match", "action", "times"}
        match, action = spec.get("match", {}), spec.get("action", {})
        unknown |= {f"match.{name}" for name in set(match) - MATCH} | {f"action.{name}" for name in set(action) - ACTION}
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        if not action:
            raise ValueError("a fault needs an action")
        for name in ("path", "query", "body"):
            if name in match:
                re.compile(match[name])
        times = spec.get("times", 1 if "nth" in match else None)
        numbers = [action[name] for name in NUMBERS if name in action] + [match.get("nth", 1), times or 1]
        if not all(isinstance(number, (int, float)) for number in numbers):
            raise ValueError(f"must be numbers: {', '.join(NUMBERS)}, nth, times")
        self._next += 1
        self.all.append(Fault(self._next, spec.get("org"), match, action, times))
        return self._next

    def find(self, org, method, path, query, body):
        return next((fault for fault in self.all if fault.fits(org, method, path, query, body)), None)

    def clear(self):
        self.all.clear()

    async def hold(self, seq):
        """Until released; → 'answer' or 'drop'."""
        self.held[seq] = asyncio.get_running_loop().create_future()
        try:
            return await self.held[seq]
        finally:
            del self.held[seq]

    def release(self, how):
        waiting = [future for future in self.held.values() if not future.done()]
        for future in waiting:
            future.set_result(how)
        return len(waiting)
