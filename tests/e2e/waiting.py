"""Waits for conditions, never for luck."""

from stack.progress import Stop, until


def wait_until(condition, deadline, what, tick=0.05):
    """Answers the first true answer of condition(); fails with the last one when the deadline (seconds) passes."""
    answers = [None]

    def asked():
        answers[0] = condition()
        return answers[0]

    try:
        return until(asked, deadline, what, tick)
    except Stop as stop:
        raise AssertionError(f"{stop}; the last answer was {answers[0]!r}") from stop
