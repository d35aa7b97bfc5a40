"""What time it is in the simulated world: the machine's, moved on by what the control API said."""
import time


class Clock:
    def __init__(self):
        self.offset = 0.0

    def time(self):
        return time.time() + self.offset

    def monotonic(self):
        return time.monotonic() + self.offset

    def advance(self, seconds):
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self.offset += seconds
