"""One real Kafka node for a run of tests; a test may stop it, crash it and start it again at the same address."""

import os
import pathlib
import subprocess

from stack.paths import KAFKA

JARS = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "aftercall"


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

    def tool(self, tool, *arguments, **options):
        """One of Kafka's own tools: any client, which knows nothing of us."""
        jars = max(JARS.glob("kafka-*/.checked")).parent
        command = ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*", f"org.apache.kafka.tools.{tool}",
                   "--bootstrap-server", self.address, *arguments]
        return subprocess.run(command, check=True, timeout=60, capture_output=True, **options).stdout

    def ends(self, prefix):
        """Where each partition of the topics under a prefix ends."""
        lines = self.tool("GetOffsetShell", "--topic", prefix.replace(".", "[.]") + ".*").decode().splitlines()
        return {line.rsplit(":", 1)[0]: int(line.rsplit(":", 1)[1]) for line in lines}

    def _kafka(self, verb, *arguments):
        done = subprocess.run([KAFKA, verb, "--dir", self.folder, *arguments], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr or done.stdout
