"""A Kafka with TLS and passwords: its topics are made, a session is written through it, and who is refused is told why."""

import subprocess

import pytest
from pipeline import Pipeline
from secured_broker import PASSWORD, SecuredBroker
from sessions import NINA, link_of, session
from stack import settings
from stack.paths import BIN

PREFIX = "secured."


@pytest.fixture(scope="module")
def kafka(tmp_path_factory):
    broker = SecuredBroker(tmp_path_factory.mktemp("kafka"))
    broker.start()
    yield broker
    broker.stop()


def create_topics(kafka, folder, **instead):
    """By a service's settings, of which only [kafka] is looked at: exit code, what was said, what went wrong."""
    tables = {"kafka": {"brokers": kafka.secured, "client_id": "ingest", "topic_prefix": PREFIX, "security": kafka.security(**instead)},
              "listen": {"port": 8480}}
    settings.write_private(folder / "settings.toml", settings.toml(tables))
    command = [BIN / "aftercall", "topics", "create", "--config", folder / "settings.toml", "--replication", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_a_session_is_written_through_a_kafka_with_tls_and_a_password(kafka, tmp_path):
    code, said, wrong = create_topics(kafka, tmp_path)
    assert (code, wrong) == (0, "")
    assert f"created {PREFIX}session.finished.v1\n" in said
    assert create_topics(kafka, tmp_path)[1].startswith("0 of ")

    secured = {name: {"kafka": {"security": kafka.security()}} for name in settings.SERVICES}
    pipeline = Pipeline(tmp_path / "stack", kafka, PREFIX, secured)
    pipeline.stack.brokers = kafka.secured
    pipeline.stack.create_topics = lambda: None  # done above
    try:
        pipeline.start()
        pipeline.send(session("secret", email=NINA))
        assert pipeline.wait_ended("secret")["units"][0]["state"] == "written"
        assert len(pipeline.sandbox.notes("contoso", link_of("secret"))) == 1
        assert all(PASSWORD not in pipeline.log(name) for name in settings.SERVICES)
    finally:
        pipeline.stop()


def test_a_wrong_password_ends_with_what_to_set(kafka, tmp_path):
    code, said, wrong = create_topics(kafka, tmp_path, sasl_password="not-this-one")
    assert (code, said) == (1, "")
    assert len(wrong.splitlines()) == 1
    assert "Kafka refuses the sign-in; set sasl.username, sasl.password and sasl.mechanism under [kafka.security]" in wrong
    assert "not-this-one" not in wrong


def test_a_certificate_of_another_authority_ends_with_what_to_set(kafka, tmp_path):
    code, said, wrong = create_topics(kafka, tmp_path, ssl_ca_location=kafka.other_ca)
    assert (code, said) == (1, "")
    assert len(wrong.splitlines()) == 1
    assert "there is no TLS with Kafka; set ssl.ca.location under [kafka.security]" in wrong
