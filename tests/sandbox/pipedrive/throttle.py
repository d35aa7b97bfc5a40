"""Rate limits: a burst window per token, one for searches, and the company's daily budget of tokens. Time is an argument."""
import collections
import dataclasses
import math

from .answer import USUAL, Refused, html

PLANS = {"lite": (1, 20, 80), "growth": (2, 40, 160), "premium": (5, 100, 400), "ultimate": (7, 120, 480)}
DAY = 86400
BLOCK_PAGE = "Sorry, you have been blocked. This error is produced by Cloudflare."


@dataclasses.dataclass
class Limits:
    plan: str = "lite"
    seats: int = 1
    top_up: int = 0
    burst: int | None = None                 # requests of one token in a window; None: what the plan has
    search: int = 10                         # searches of the company in a window
    window: float = 2.0                      # seconds
    daily: int | None = None                 # tokens a day; None: what the plan has
    reset_hour: float = 0.0                  # UTC, when the day begins
    ignored: int = 50                        # 429s that an API token may ignore before it is blocked
    blocked: float = 300.0                   # seconds

    @property
    def budget(self):
        return 30_000 * PLANS[self.plan][0] * self.seats + self.top_up if self.daily is None else self.daily

    def burst_of(self, oauth):
        return PLANS[self.plan][2 if oauth else 1] if self.burst is None else self.burst


class Usage:
    def __init__(self):
        self.arrivals = collections.deque()
        self.ignored = 0
        self.blocked_until = 0.0
        self.day, self.spent = None, 0


class Blocked(Refused):
    def __init__(self):
        super().__init__(403, BLOCK_PAGE)

    def answer(self):
        return html(403, BLOCK_PAGE)


def enter(company, token, oauth, is_search, now):
    """Counts a request in, or raises what refuses it. `now` is the clock's time."""
    limits, usage = company.limits, company.usages.setdefault(token, Usage())
    settle(company, now)
    if now < usage.blocked_until:
        raise Blocked
    windows = [(usage.arrivals, limits.burst_of(oauth))] + ([(company.usage.arrivals, limits.search)] if is_search else [])
    for arrivals, _ in windows:
        while arrivals and arrivals[0] <= now - limits.window:
            arrivals.popleft()
    if company.usage.spent >= limits.budget or any(len(arrivals) >= most for arrivals, most in windows):
        usage.ignored += 1
        if company.switches["refusedCount"]:
            for arrivals, _ in windows:
                arrivals.append(now)
        if not oauth and usage.ignored > limits.ignored:
            usage.blocked_until = now + limits.blocked
            raise Blocked
        raise Refused(429, USUAL[429], gateway=True)
    usage.ignored = 0
    for arrivals, _ in windows:
        arrivals.append(now)


def settle(company, now):
    """A new day, a new budget."""
    day = (now - company.limits.reset_hour * 3600) // DAY
    if company.usage.day not in (None, day):
        company.usage.spent = 0
    company.usage.day = day


def spend(company, tokens):
    company.usage.spent += tokens


def set_left(company, left):
    company.usage.spent = company.limits.budget - left


def headers(company, token, oauth, is_search, method, now):
    """Of the window that the request fell into: seconds left, not a time of day."""
    limits, usage = company.limits, company.usages.get(token) or Usage()
    arrivals, most = (company.usage.arrivals, limits.search) if is_search else (usage.arrivals, limits.burst_of(oauth))
    reset = max(1, math.ceil(arrivals[0] + limits.window - now)) if arrivals else math.ceil(limits.window)
    found = {"x-ratelimit-limit": str(most), "x-ratelimit-remaining": str(max(0, most - len(arrivals))),
             "x-ratelimit-reset": str(reset)}
    left = str(max(0, limits.budget - company.usage.spent))
    if company.switches["tokenHeaders"]:
        found.update({"x-daily-ratelimit-token-limit": str(limits.budget), "x-daily-ratelimit-token-remaining": left})
    if not oauth and method in ("POST", "PUT"):
        found["x-daily-requests-left"] = left
    return found
