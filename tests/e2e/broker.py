"""A real Kafka node: one that all files share (ctest's fixture), or a file's own, which it may stop, crash and start again."""

import os
import pathlib
import subprocess

from confluent_kafka.admin import AdminClient
from stack.paths import KAFKA

JARS = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "aftercall"


def shared():
    """The one that ctest started for all files that harm none; None without ctest."""
    told = os.environ.get("AFTERCALL_KAFKA_BOOTSTRAP_FILE")
    return Broker(pathlib.Path(told).read_text().strip()) if told else None


class Broker:
    def __init__(self, address=""):
        self.address = address

    def delete_topics(self, prefix):
        """So that a broker of many files is not slower for the last of them."""
        admin = AdminClient({"bootstrap.servers": self.address})
        names = [name for name in admin.list_topics(timeout=10).topics if name.startswith(prefix)]
        for deleted in admin.delete_topics(names).values() if names else ():
            deleted.result(20)

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


class OwnBroker(Broker):
    def __init__(self, folder):
        super().__init__()
        self.folder = folder

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
