"""deploy/up, deploy/scale, aftercall status, deploy/down: the stack as an operator runs it, on a CRM of their own."""

import json
import os
import socket
import subprocess

import pytest
import tomllib
from processes import open_ports, ports_of, processes_in
from sandbox import Sandbox
from sessions import link_of, session
from stack.child import Child
from stack.config import Config
from stack.http import call
from stack.paths import BIN, BUILD, ROOT, SANDBOX
from stack.samples import KEYS
from stack.settings import toml
from waiting import wait_until

UP = """
tenants = "tenants.toml"
any_ports = true
allow_loopback_crm = true

[matcher.stage]
slots = 16
"""
FURTHER = """
[matcher.health]
port = {port}

[matcher.kafka.security]
"security.protocol" = "plaintext"
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Operator:
    def __init__(self, folder):
        self.folder, self.state = folder, folder / "state"
        self.child = Child.start("crm", [SANDBOX, "--port", "0"], folder / "crm")
        line = wait_until(lambda: [each for each in self.child.log_tail() if "listening on" in each], 20, "the CRM's start")
        self.crm = Sandbox(line[0].split()[-1])
        tenants = (ROOT / "deploy" / "examples" / "demo.toml").read_text()
        (folder / "tenants.toml").write_text(tenants.replace("http://127.0.0.1:8410", self.crm.url))
        (folder / "up.toml").write_text(UP)

    def deploy(self, command, *arguments, expect=0):
        done = subprocess.run([ROOT / "deploy" / command, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "AFTERCALL_BUILD": str(BUILD)})
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    def up(self, expect=0):
        return self.deploy("up", "--config", self.folder / "up.toml", "--state", self.state, expect=expect)

    def down(self):
        return self.deploy("down", "--state", self.state)

    def aftercall(self, *arguments):
        done = subprocess.run([BIN / "aftercall", *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "AFTERCALL_CONFIG": str(self.state / "aftercall.toml")})
        assert done.returncode == 0, done.stderr
        return done.stdout

    def status(self):
        return {each["stage"]: each for each in json.loads(self.aftercall("status", "--json"))["stages"]}

    def instances(self, stage):
        return int(self.status()[stage]["instances"])

    def send(self, body):
        door = json.loads((self.state / "stack.json").read_text())["door"]
        status, answer = call("POST", f"{door}/v1/sessions", body, {"Authorization": "Bearer " + KEYS["contoso", "meetings"]})
        assert status == 202, answer

    def wait_written(self, session_id):
        wait_until(lambda: len(self.crm.notes("contoso", f'"{link_of(session_id)}"')) == 2, 30, f"the notes of {session_id}")


@pytest.fixture
def operator(tmp_path):
    made = Operator(tmp_path)
    yield made
    if (made.state / "kafka").exists():
        made.down()
    made.child.stop()


def test_up_scale_status_down_and_up_again_with_the_data_of_before(operator):
    (operator.folder / "up.toml").write_text(UP + FURTHER.format(port=free_port()))
    told = operator.up()
    assert "up: the door is at" in told
    assert "slots = 16" in (operator.state / "matcher" / "settings.toml").read_text()
    ports = ports_of(operator.state)
    assert len(ports) >= 7 and open_ports(ports) == ports
    operator.send(session("first"))
    operator.wait_written("first")

    assert "already running" in operator.up(expect=1)

    assert "3 instances of crm_writer" in operator.deploy("scale", "crm_writer", 3, "--state", operator.state)
    wait_until(lambda: operator.instances("crm_writer") == 3, 20, "three members of the group")
    operator.deploy("scale", "crm_writer", 1, "--state", operator.state)
    wait_until(lambda: operator.instances("crm_writer") == 1, 20, "one member of the group")
    settings = lambda name: tomllib.loads((operator.state / name / "settings.toml").read_text())
    operator.deploy("scale", "matcher", 2, "--state", operator.state)
    first, second = settings("matcher"), settings("matcher-2")
    assert second["stage"]["slots"] == 16 and second["kafka"]["security"] == first["kafka"]["security"]
    assert second["stage"]["in_hand"] != first["stage"]["in_hand"] and second["health"]["port"] == 0
    operator.deploy("scale", "crm_writer", 13, "--state", operator.state, expect=1)

    operator.deploy("scale", "matcher", 0, "--state", operator.state, expect=1)
    told = operator.aftercall("status")
    for stage in ("matcher", "formatter", "crm_writer"):
        assert stage in told
    given = tomllib.loads((operator.folder / "tenants.toml").read_text())
    connections = len(given["connection"])
    assert f"{len(given['tenant'])} tenants; {connections} of {connections} connections connected" in told

    assert operator.down().rstrip().endswith("down")
    assert processes_in(operator.state) == [] and open_ports(ports) == []
    assert "nothing runs" in operator.down()

    operator.up()
    assert operator.aftercall("session", "show", "first", "--tenant", "contoso").count("note") >= 2
    operator.send(session("second"))
    operator.wait_written("second")
    operator.send(session("first"))  # known from before: nothing is written again
    operator.send(session("third"))
    operator.wait_written("third")
    assert len(operator.crm.notes("contoso", f'"{link_of("first")}"')) == 2
    assert [put for put in operator.crm.puts() if put["status"] != 204] == []


WRONG = '''tenants = 3
sandwich = true
ingest = 5
any_ports = true

[matcher.stage]
slots = 16
slotz = 16
[crm_writer]
slots = 3
[formatter.stage]
# A value of several lines is told by its first.
slots = [
  "many",
]
[formatter.kafka.security]
"sasl.mechanizm" = "PLAIN"
'''


def test_a_wrong_config_is_told_whole_with_its_lines_and_nothing_is_started(operator):
    path = operator.folder / "up.toml"
    path.write_text(WRONG)
    told = operator.up(expect=1).strip().splitlines()
    assert told[0] == "deploy/up: the settings are wrong; nothing was started"
    wrongs = dict(line.removeprefix(f"{path}:").split(": ", 1) for line in told[1:])
    assert sorted(wrongs, key=int) == ["1", "2", "3", "8", "10", "13", "17"], told
    assert wrongs["1"] == "tenants must be a text"
    assert wrongs["2"].startswith("sandwich is no setting") and wrongs["3"].startswith("ingest must be sections")
    assert wrongs["8"].startswith("matcher: ") and "slotz" in wrongs["8"]
    assert wrongs["10"].startswith("crm_writer.slots is no section")
    assert wrongs["13"].startswith("formatter: ") and "slots" in wrongs["13"]
    assert wrongs["17"].startswith("formatter: ") and "sasl.mechanizm" in wrongs["17"]
    assert processes_in(operator.state) == [] and not (operator.state / "kafka").exists()


@pytest.mark.parametrize("text, line, told", [
    ('any_ports = true\ntenants = "nobody.toml"\n', 2, "tenants: there is no file"),
    ("any_ports = true\nany_ports = true\n", 2, "Cannot overwrite a value"),
    ('any_ports = true\ntenants = "tenants.toml', 2, ""),
    (UP.replace("slots = 16", "slotz = 16"), 7, "matcher: unknown stage.slotz; did you mean slots?"),
], ids=["a file that is not there", "a key twice", "no TOML", "a service's alone"])
def test_one_mistake_is_told_with_its_line(operator, text, line, told):
    path = operator.folder / "up.toml"
    path.write_text(text)
    said = operator.up(expect=1).strip().splitlines()[-1]
    assert f"{path}:{line}: {told}" in said
    assert processes_in(operator.state) == []


def test_the_example_is_right(tmp_path):
    example = Config(ROOT / "deploy" / "examples" / "up.toml")
    assert example.wrongs == [] and example.wrongs_by_services(tmp_path) == []


def test_what_services_are_given_is_what_the_person_wrote():
    """Keys with dots, lists, sections in sections."""
    given = {"ingest": {"kafka": {"security": {"security.protocol": "plaintext", "a key": [1, "zwei", True, 0.5]}}, "listen": {"port": 0}}}
    assert tomllib.loads(toml(given["ingest"])) == given["ingest"]


def test_a_service_that_cannot_start_is_told_and_everything_is_stopped(operator):
    (operator.folder / "up.toml").write_text(UP + '[crm_writer.ledger]\nfile = "/nowhere/ledger.view"\n')
    told = operator.up(expect=1)
    assert "crm_writer" in told and "/nowhere" in told
    assert processes_in(operator.state) == []
