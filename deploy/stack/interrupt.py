"""Ctrl-C, `kill` and a closed terminal end a run in one way: by an exception that passes through what stops the processes."""

import contextlib
import signal

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _State:
    held = False
    came = False


def _end(*_):
    if _State.held:
        _State.came = True
    else:
        ignore()  # once is enough: a second one would break into the stopping
        raise KeyboardInterrupt


def heed():
    for each in ENDS:
        signal.signal(each, _end)


def ignore():
    for each in ENDS:
        signal.signal(each, signal.SIG_IGN)


@contextlib.contextmanager
def held():
    """What begins in here ends in here: a process that was started and is not yet noted would be nobody's to stop."""
    _State.held = True
    try:
        yield
    finally:
        _State.held = False
        if _State.came:
            _State.came = False
            _end()
