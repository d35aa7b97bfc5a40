"""Waits for conditions, never for luck."""

import time


def wait_until(condition, deadline, what, tick=0.05):
    """Answers the first true answer of condition(); fails with the last one when the deadline (seconds) passes."""
    end = time.monotonic() + deadline
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {deadline:.0f} s; the last answer was {found!r}")
        time.sleep(tick)
