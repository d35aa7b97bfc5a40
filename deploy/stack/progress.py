"""Says what is being done, while it is being done."""

import sys
import time


class Stop(Exception):
    """Cannot go on: one sentence for a person, with what to do."""


START = time.monotonic()


def say(text=""):
    print(text, flush=True)


def step(text):
    print(f"[{time.monotonic() - START:6.1f} s] {text}", flush=True)


class Ticker:
    """A line that is written over on a terminal, and anew every ten seconds elsewhere."""

    def __init__(self, every=10.0):
        self.every = every
        self.last = time.monotonic()
        self.shown = ""

    def show(self, text):
        now = time.monotonic()
        if sys.stdout.isatty():
            pad = " " * max(0, len(self.shown) - len(text))
            print(f"\r           {text}{pad}", end="", flush=True)
            self.shown = text
        elif now - self.last >= self.every:
            self.last = now
            print(f"           {text}", flush=True)

    def done(self):
        if sys.stdout.isatty() and self.shown:
            print(flush=True)


def until(condition, deadline, what, tick=0.05):
    """Waits for condition() to answer something true and returns it; Stop when the deadline (seconds) passes."""
    end = time.monotonic() + deadline
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Stop(f"{what} did not happen within {deadline:.0f} s")
        time.sleep(tick)
