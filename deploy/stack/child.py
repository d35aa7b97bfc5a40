"""One process of ours: started with its output in a file, stopped by its id, never by its name."""

import os
import pathlib
import signal
import subprocess
import time

from .progress import Stop


class Child:
    def __init__(self, name, folder, pid, process=None):
        self.name, self.folder, self.pid, self.process = name, pathlib.Path(folder), pid, process

    @classmethod
    def start(cls, name, command, folder, detached=False, environment=None):
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "log", "ab") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=folder,
                env={**os.environ, **(environment or {})},
                start_new_session=True,  # a terminal's Ctrl-C is ours to hear, and ours to pass on in order
            )
        (folder / "pid").write_text(str(process.pid))
        return cls(name, folder, process.pid, process)

    def alive(self):
        if self.process is not None:
            return self.process.poll() is None
        try:
            os.kill(self.pid, 0)
        except OSError:
            return False
        # A pid may have been given to somebody else since: ours runs in its folder.
        try:
            return os.readlink(f"/proc/{self.pid}/cwd") == str(self.folder)
        except OSError:
            return False

    def signal(self, which):
        if self.alive():
            os.kill(self.pid, which)

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def stop(self, seconds=15.0):
        """SIGTERM, then SIGKILL; answers whether it ended by itself."""
        self.signal(signal.SIGTERM)
        if self.wait(seconds):
            return True
        self.signal(signal.SIGKILL)
        self.wait(5.0)
        return False

    def log_tail(self, count=12):
        try:
            return (self.folder / "log").read_text(errors="replace").splitlines()[-count:]
        except OSError:
            return []

    def require(self):
        if not self.alive():
            tail = "\n    ".join(self.log_tail())
            raise Stop(f"{self.name} ended at its start; the last lines of {self.folder / 'log'}:\n    {tail}")
