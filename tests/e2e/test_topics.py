"""`aftercall topics create`: makes what is missing, tells how what is there differs, and alters nothing."""

import secrets
import subprocess

import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from stack.paths import BIN

PARTITIONS = {"session.finished": 12, "contact.matched": 12, "note.ready": 12, "session.settled": 12, "event.deferred": 12,
              "delivery.ledger": 12, "tenant.config": 1, "tenant.secret": 1, "audit": 1}
AGREED = [f"0 of {len(PARTITIONS)} topics created, 0 differences"]
NOTHING_ALTERED = "nothing was altered: change these with Kafka's own tools, or raise the topics' version"


class Topics:
    def __init__(self, kafka):
        self.kafka, self.prefix = kafka, f"topics-{secrets.token_hex(3)}."
        self.admin = AdminClient({"bootstrap.servers": kafka.address})

    def name(self, short):
        return f"{self.prefix}{short}.v1"

    def create(self):
        """The exit code, and the lines that it said."""
        command = [BIN / "aftercall", "topics", "create", "--brokers", self.kafka.address, "--replication", "1", "--prefix", self.prefix]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout.splitlines()

    def partitions(self):
        found = self.admin.list_topics(timeout=10).topics
        return {name: len(topic.partitions) for name, topic in found.items() if name.startswith(self.prefix)}


@pytest.fixture
def topics(kafka):
    made = Topics(kafka)
    yield made
    kafka.delete_topics(made.prefix)


def test_it_makes_every_topic_and_finds_them_right_the_next_time(topics):
    code, said = topics.create()
    assert code == 0
    assert sorted(said[:-1]) == sorted(f"created {topics.name(short)}" for short in PARTITIONS)
    assert said[-1] == f"{len(PARTITIONS)} of {len(PARTITIONS)} topics created, 0 differences"
    assert topics.partitions() == {topics.name(short): count for short, count in PARTITIONS.items()}
    assert topics.create() == (0, AGREED)


def test_a_setting_that_differs_is_told_by_exit_code_3_and_stays(topics, kafka):
    topics.create()
    topic = topics.name("note.ready")
    right = kafka.limit_records(topic, "1000000")
    wrong = [f"differs {topic}: max.message.bytes is 1000000, should be {right}", f"0 of {len(PARTITIONS)} topics created, 1 differences", NOTHING_ALTERED]
    assert topics.create() == (3, wrong)
    assert topics.create() == (3, wrong)
    kafka.limit_records(topic, right)
    assert topics.create() == (0, AGREED)


def test_another_number_of_partitions_is_told_and_the_missing_topics_are_made(topics):
    topic = topics.name("audit")
    topics.admin.create_topics([NewTopic(topic, num_partitions=3, replication_factor=1)])[topic].result(20)
    code, said = topics.create()
    assert code == 3
    assert f"differs {topic}: partitions is 3, should be 1" in said
    assert f"created {topic}" not in said and f"created {topics.name('tenant.config')}" in said
    assert said[-1] == NOTHING_ALTERED
    assert topics.partitions()[topic] == 3
