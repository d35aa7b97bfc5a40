"""A real Kafka node: one that all files share (ctest's fixture), or a file's own, which it may stop, crash and start again."""

import os
import pathlib
import subprocess

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, ConfigSource
from stack.paths import KAFKA
from waiting import wait_until


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

    def limit_records(self, topic, largest):
        """Sets how many bytes a record may have, and answers how many it could before; one byte: none is taken any more."""
        admin = AdminClient({"bootstrap.servers": self.address})
        wanted = ConfigResource(ConfigResource.Type.TOPIC, topic)
        now = lambda: admin.describe_configs([wanted])[wanted].result(10)
        # What is not named goes back to its default.
        kept = {name: entry.value for name, entry in now().items() if entry.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value}
        before, kept["max.message.bytes"] = kept["max.message.bytes"], largest
        changed = ConfigResource(ConfigResource.Type.TOPIC, topic, set_config=kept)
        admin.alter_configs([changed])[changed].result(10)
        wait_until(lambda: now()["max.message.bytes"].value == largest, 10, f"{topic} taking records of {largest} bytes")
        return before

    def ends(self, prefix):
        """Where each partition of the topics under a prefix ends, by "topic:partition"."""
        consumer = Consumer({"bootstrap.servers": self.address, "group.id": "ends"})
        try:
            topics = {name: topic for name, topic in consumer.list_topics(timeout=10).topics.items() if name.startswith(prefix)}
            return {f"{name}:{partition}": consumer.get_watermark_offsets(TopicPartition(name, partition), timeout=10)[1]
                    for name, topic in topics.items() for partition in topic.partitions}
        finally:
            consumer.close()


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
