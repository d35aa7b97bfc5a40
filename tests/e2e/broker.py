"""One real Kafka node for a run of tests; a test may stop it, crash it and start it again at the same address."""

import subprocess

from stack.paths import KAFKA


class Broker:
    def __init__(self, folder):
        self.folder = folder
        self.address = ""

    def start(self):
        """Free ports at the first start, the same ones at the next."""
        ports = () if self.address else ("--port", "0", "--controller-port", "0")
        self._kafka("start", *ports)
        self.address = (self.folder / "bootstrap").read_text().strip()

    def stop(self, now=False):
        self._kafka("stop", *(("--now",) if now else ()))

    def _kafka(self, verb, *arguments):
        done = subprocess.run([KAFKA, verb, "--dir", self.folder, *arguments], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr or done.stdout
