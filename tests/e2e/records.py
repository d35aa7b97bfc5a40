"""Records on the topics, read and written by Kafka's and Protobuf's own clients in Python: as another release's processes would."""

import importlib
import itertools
import subprocess
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from stack.paths import ROOT

PARTITIONS = 12
groups = itertools.count(1)


def load_messages(folder):
    """Modules of the events by file name: load_messages(tmp_path)("session_finished").SessionFinished"""
    files = [str(path.relative_to(ROOT / "proto")) for path in (ROOT / "proto").glob("aftercall/events/v1/*.proto")]
    subprocess.run(["protoc", f"-I{ROOT / 'proto'}", f"--python_out={folder}", *files], check=True, capture_output=True)
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    return lambda name: importlib.import_module(f"aftercall.events.v1.{name}_pb2")


class Records:
    def __init__(self, stack):
        self.brokers, self.prefix = stack.brokers, stack.topic_prefix

    def topic(self, name):
        return f"{self.prefix}{name}.v1"

    def all(self, name):
        """Everything in a topic as it is now, as confluent_kafka's messages."""
        consumer = Consumer({"bootstrap.servers": self.brokers, "group.id": f"{self.prefix}test.{next(groups)}",
                             "enable.auto.commit": False, "enable.partition.eof": False})
        try:
            ends = {}
            for partition in range(PARTITIONS):
                place = TopicPartition(self.topic(name), partition, 0)
                ends[partition] = consumer.get_watermark_offsets(place, timeout=10)[1]
            consumer.assign([TopicPartition(self.topic(name), partition, 0) for partition, end in ends.items() if end > 0])
            left = {partition for partition, end in ends.items() if end > 0}
            found, deadline = [], time.monotonic() + 30
            while left:
                assert time.monotonic() < deadline, f"{self.topic(name)} could not be read to its end"
                message = consumer.poll(0.2)
                if message is None:
                    continue
                assert message.error() is None, message.error()
                end = ends[message.partition()]
                if message.offset() < end:  # what came since then is not part of it
                    found.append(message)
                if message.offset() + 1 >= end:
                    left.discard(message.partition())
            return found
        finally:
            consumer.close()

    def of(self, name, key):
        """The topic's records with this key, oldest first."""
        return [each for each in self.all(name) if each.key() == key.encode() and each.value() is not None]

    def replay(self, name, messages):
        """What another topic of this name holds, each where and when it was there."""
        producer = Producer({"bootstrap.servers": self.brokers, "acks": "all"})
        failed = []
        for each in messages:
            producer.produce(self.topic(name), each.value(), each.key(), each.partition(), timestamp=each.timestamp()[1],
                             headers=each.headers(), on_delivery=lambda error, _: error and failed.append(error))
        assert producer.flush(60) == 0 and failed == []

    def put(self, name, key, value, headers):
        self.put_all(name, [(key, value, headers)])

    def put_all(self, name, records):
        """records: (key, value, headers) of each"""
        producer = Producer({"bootstrap.servers": self.brokers, "acks": "all", "partitioner": "murmur2_random",
                             "queue.buffering.max.kbytes": 32768})
        failed = []
        for key, value, headers in records:
            while True:
                try:
                    producer.produce(self.topic(name), value, key.encode(), headers=headers,
                                     on_delivery=lambda error, _: error and failed.append(error))
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        assert producer.flush(60) == 0 and failed == []
