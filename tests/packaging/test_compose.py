"""compose.yaml, held against deploy/: the same services, ports, topics and settings."""

import argparse
import pathlib
import re
import shlex
import subprocess

import dockerfile
import pytest
import yaml

from stack import secret_files
from stack.paths import BIN, ROOT
from stack.settings import SERVICES
from stack.stack import PORTS

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
STAGES = dockerfile.stages((ROOT / "Dockerfile").read_text())
# Where it lies and what it may use: one machine's, or one container's. All else is how it keeps what it was given.
ABOUT_THE_MACHINE = {"controller.quorum.voters", "listeners", "advertised.listeners", "log.dirs",
                     "offsets.topic.num.partitions", "transaction.state.log.num.partitions", "log.segment.bytes", "log.cleaner.dedupe.buffer.size",
                     "num.network.threads", "num.io.threads", "num.recovery.threads.per.data.dir",
                     "group.initial.rebalance.delay.ms", "group.min.session.timeout.ms"}  # tests and the demo do not like to wait
POM = (ROOT / "deploy/kafka/pom.xml").read_text()


def service(name):
    return COMPOSE["services"][name]


def published(name):
    """Container ports by the host's address and port."""
    return {tuple(each.rsplit(":", 1)) for each in service(name).get("ports", [])}


def test_it_has_the_services_of_deploy_and_each_its_own_image():
    ours = {name for name, each in COMPOSE["services"].items() if "build" in each}
    assert ours == {*SERVICES, "cli", "topics", "secrets"}
    for name in ours - {"topics"}:
        assert service(name)["build"]["target"] == name
    assert {each["build"]["target"] for each in COMPOSE["services"].values() if "build" in each} <= set(STAGES)


def test_the_ports_are_those_of_deploy_and_open_to_this_host_only():
    assert published("ingest") == {(f"127.0.0.1:{PORTS['door']}", str(PORTS["door"]))}
    assert published("control") == {(f"127.0.0.1:{PORTS['control']}", str(PORTS["control"]))}
    assert all(not published(name) for name in COMPOSE["services"] if name not in ("ingest", "control"))


def test_kafka_is_the_version_that_the_tests_run_on():
    version = re.search(r"<kafka.version>([^<]+)<", POM).group(1)
    assert service("kafka")["image"] == f"apache/kafka:{version}"


def test_kafka_is_set_as_deploy_sets_it():
    ours = dict(line.split("=", 1) for line in (ROOT / "deploy/kafka/server.properties").read_text().splitlines()
                if "=" in line and not line.startswith("#"))
    theirs = {name.removeprefix("KAFKA_").lower().replace("_", "."): str(value)
              for name, value in service("kafka")["environment"].items()}
    assert {name: value for name, value in ours.items() if name not in ABOUT_THE_MACHINE} == \
        {name: value for name, value in theirs.items() if name not in ABOUT_THE_MACHINE}


def test_the_services_find_kafka_where_it_says_that_it_is():
    told = service("kafka")["environment"]["KAFKA_ADVERTISED_LISTENERS"].removeprefix("PLAINTEXT://")
    for name in SERVICES:
        assert f'brokers = "{told}"' in (ROOT / f"deploy/compose/{name}.toml").read_text()
    command = service("topics")["command"]
    assert command[command.index("--brokers") + 1] == told
    assert "--prefix" not in command, "the services use the default prefix"


def test_nothing_starts_before_what_it_needs():
    for name in SERVICES:
        assert service(name)["depends_on"] == {"kafka": {"condition": "service_healthy"},
                                               "topics": {"condition": "service_completed_successfully"},
                                               "secrets": {"condition": "service_completed_successfully"}}


def test_every_volume_that_is_mounted_is_declared_or_a_folder_of_ours():
    for each in COMPOSE["services"].values():
        for volume in each.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).is_dir()


def test_what_stays_secret_is_mounted_only_where_it_is_needed():
    needs = {"control", "matcher", "crm_writer", "cli", "secrets"}
    for name, each in COMPOSE["services"].items():
        assert any(volume.startswith("secrets:") for volume in each.get("volumes", [])) == (name in needs)


@pytest.fixture(scope="module")
def container(tmp_path_factory):
    """The container's folders with what the secrets service makes in them."""
    root = tmp_path_factory.mktemp("container")
    secrets = root / "run/aftercall"
    secrets.mkdir(parents=True)
    (root / "var/lib/aftercall").mkdir(parents=True)
    secret_files.make(secrets)
    secret_files.make_certificate(secrets, ["control"])
    return root


@pytest.mark.parametrize("name", SERVICES)
def test_the_settings_are_right(container, name):
    text = (ROOT / f"deploy/compose/{name}.toml").read_text()
    mounts = {volume.split(":")[1] for volume in service(name)["volumes"]}
    for folder in re.findall(r'"(/(?:run|var/lib)/aftercall)/', text):
        assert folder in mounts, f"{name} has no {folder}"
    path = container / f"{name}.toml"
    path.write_text(re.sub(r'"(/(?:run|var/lib)/aftercall/)', rf'"{container}\1', text))
    program = BIN / ("aftercall-" + name.replace("_", "-"))
    done = subprocess.run([program, "--config", path, "--check-config"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr


def test_the_health_port_is_the_one_that_the_image_asks():
    for name in SERVICES:
        assert "port = 9100" in (ROOT / f"deploy/compose/{name}.toml").read_text()


def client_command(first):
    """The line of README.md that runs this command of the client: (what is mounted, what the environment gives, the command)."""
    lines = (ROOT / "README.md").read_text().replace("\\\n", " ").splitlines()
    (words,) = [words for words in map(shlex.split, (line for line in lines if line.startswith("    docker compose run"))) if first in words]
    parser = argparse.ArgumentParser()
    parser.add_argument("--rm", action="store_true", required=True)
    parser.add_argument("-v", action="append", default=[])
    parser.add_argument("-e", action="append", default=[])
    parser.add_argument("service", choices=["cli"])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(words[3:])
    return options.v, options.e, options.command


def test_the_readme_gives_the_client_a_tenants_file_and_every_secret_that_the_example_names(tmp_path):
    mounts, environment, command = client_command("apply")
    (inside,) = [target for _, target, mode in (each.rsplit(":", 2) for each in mounts) if mode == "ro"]
    assert command == ["apply", "-f", inside]
    token = tmp_path / "token"
    token.write_text("a-token-that-nobody-is-shown")
    apply = [BIN / "aftercall", "--control", "127.0.0.1:1", "--token-file", token, "apply", "-f", ROOT / "deploy/examples/tenant.toml"]
    done = subprocess.run(apply, env={}, capture_output=True, text=True, timeout=20)
    assert done.returncode == 2, done.stderr
    missing = [line for line in done.stderr.splitlines() if "tenant.toml:" in line]
    assert len(missing) == len(environment), done.stderr
    assert all(any(name in line for line in missing) for name in environment), done.stderr


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path):
    secret_files.make(tmp_path)
    secret_files.make_certificate(tmp_path, ["control"])
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    secret_files.make(tmp_path)
    secret_files.make_certificate(tmp_path, ["control"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())
    told = subprocess.run(["openssl", "x509", "-in", tmp_path / "control.pem", "-noout", "-ext", "subjectAltName"],
                          check=True, capture_output=True, text=True).stdout
    assert "DNS:control" in told
