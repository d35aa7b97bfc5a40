"""CPU and memory of processes, read from /proc."""

import os
import pathlib
import time

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds_in(stat):
    """User and system time of a /proc/<pid>/stat; the name in it may hold spaces and parentheses."""
    fields = stat.rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_in(status):
    """MiB of a /proc/<pid>/status."""
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def cpu_seconds(pid):
    return cpu_seconds_in(pathlib.Path(f"/proc/{pid}/stat").read_text())


def resident(pid):
    return resident_in(pathlib.Path(f"/proc/{pid}/status").read_text())


class Meter:
    """What named processes spend from its making on."""

    def __init__(self, pids):
        self.pids = dict(pids)
        self.start = {name: cpu_seconds(pid) for name, pid in self.pids.items()}

    def spent(self):
        return {name: cpu_seconds(pid) - self.start[name] for name, pid in self.pids.items()}

    def resident(self):
        return {name: resident(pid) for name, pid in self.pids.items()}

    def wait_quiet(self, names, share=0.06, seconds=1.0, deadline=60.0):
        """Until none of these uses more than this share of a core any more: what trails behind (a view, a commit) is cost, too."""
        end = time.monotonic() + deadline
        before = self.spent()
        while time.monotonic() < end:
            time.sleep(seconds)
            now = self.spent()
            if max(now[name] - before[name] for name in names) <= share * seconds:
                return True
            before = now
        return False
