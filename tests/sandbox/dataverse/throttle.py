"""Service protection: three counters per user over a sliding window. Time is an argument."""
import collections
import dataclasses
import math

from .answer import Refused

PENALTY = 1.0            # seconds that each request sent during a pause adds to it


@dataclasses.dataclass
class Limits:
    requests: int = 6000
    execution_ms: int = 1_200_000
    concurrent: int = 52
    window: float = 300.0
    dop_hint: int = 4
    body_bytes: int = 32 * 1024 * 1024


class Usage:
    """One user's counters."""

    def __init__(self):
        self.arrivals = collections.deque()
        self.spent = collections.deque()     # (end, ms)
        self.spent_ms = 0.0
        self.running = 0
        self.paused_until = 0.0
        self.pause_code = None


def enter(usage, limits, now):
    """Counts a request in, or raises the 429."""
    _slide(usage, limits, now)
    if now < usage.paused_until:
        usage.paused_until += PENALTY
        raise _refusal(usage, limits, now)
    if usage.running >= limits.concurrent:
        raise Refused(429, "0x80072326", f"Number of concurrent requests exceeded the limit of {limits.concurrent}.",
                      {"Retry-After": "1"})
    if len(usage.arrivals) >= limits.requests:
        _pause(usage, "0x80072322", usage.arrivals[0] + limits.window if usage.arrivals else now + limits.window)
        raise _refusal(usage, limits, now)
    if usage.spent_ms >= limits.execution_ms:
        _pause(usage, "0x80072321", usage.spent[0][0] + limits.window if usage.spent else now + limits.window)
        raise _refusal(usage, limits, now)
    usage.arrivals.append(now)
    usage.running += 1


def leave(usage, now, took_ms):
    usage.running -= 1
    usage.spent.append((now, took_ms))
    usage.spent_ms += took_ms


def remaining(usage, limits):
    return (max(0, limits.requests - len(usage.arrivals)), max(0, limits.execution_ms - round(usage.spent_ms)))


def _slide(usage, limits, now):
    edge = now - limits.window
    while usage.arrivals and usage.arrivals[0] <= edge:
        usage.arrivals.popleft()
    while usage.spent and usage.spent[0][0] <= edge:
        usage.spent_ms -= usage.spent.popleft()[1]


def _pause(usage, code, until):
    usage.pause_code, usage.paused_until = code, until


def _refusal(usage, limits, now):
    texts = {
        "0x80072322": f"Number of requests exceeded the limit of {limits.requests} over time window of "
                      f"{limits.window:g} seconds.",
        "0x80072321": f"Combined execution time of incoming requests exceeded limit of {limits.execution_ms:,} milliseconds "
                      f"over time window of {limits.window:g} seconds. Decrease number of concurrent requests or reduce the "
                      f"duration of requests and try again later."}
    wait = max(1, math.ceil(usage.paused_until - now))
    return Refused(429, usage.pause_code, texts[usage.pause_code], {"Retry-After": str(wait)})
