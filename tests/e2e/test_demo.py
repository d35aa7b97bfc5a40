"""deploy/demo as a newcomer runs it: right, wrong, interrupted, twice, beside itself."""

import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess

import pytest
from processes import child_of, in_session, open_ports, ports_of, processes_in
from stack import crm_writes
from stack.http import call
from stack.paths import BUILD, ROOT, SAMPLES
from waiting import wait_until

numbers = itertools.count(1)
DEMO = ROOT / "deploy" / "demo"


class Demo:
    """One run of deploy/demo, in the background."""

    def __init__(self, state, *arguments):
        self.state, self.output = state, state.with_name(f"output-{next(numbers)}")
        with open(self.output, "wb") as file:
            self.process = subprocess.Popen(
                [DEMO, "--state", state, *arguments], stdout=file, stderr=subprocess.STDOUT,
                env={**os.environ, "AFTERCALL_BUILD": str(BUILD)}, start_new_session=True)

    def said(self):
        return self.output.read_text(errors="replace")

    def wait_said(self, text, deadline=60):
        def said():
            assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.said()}"
            return text in self.said()

        wait_until(said, deadline, f"deploy/demo saying {text!r}")

    def wait(self, seconds=120):
        return self.process.wait(seconds)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)


def ports_while_running(run):
    """Some processes take their port files with them."""
    ports = ports_of(run.state)
    assert len(ports) >= 8 and open_ports(ports) == ports, "this looks at too few ports to prove anything"
    return ports


def assert_nothing_left(run, ports):
    assert processes_in(run.state) == []
    assert open_ports(ports) == []


@pytest.fixture
def demo(tmp_path):
    """demo(*arguments) starts one; whatever a test leaves behind is interrupted."""
    started = []

    def start(*arguments, state=tmp_path / "state"):
        started.append(Demo(state, *arguments))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.interrupt()
            each.wait(60)


GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def assert_the_table_names_each_record(said):
    """Kind, id and target of a record in a line that stands in the head's columns, and below it the link."""
    lines = said[said.index("session  ") :].splitlines()
    lines = lines[: lines.index("")]
    columns = [each.start() for each in re.finditer(r"\S+", lines[0])][1:]
    assert max(map(len, lines)) <= 160
    at = next(number for number, line in enumerate(lines) if "10-contact-without-account" in line)
    outcome, kind, record, target = [lines[at][first:then].strip() for first, then in zip(columns, [*columns[1:], None])]
    assert (outcome, kind) == ("written", "note")
    assert re.fullmatch(GUID, record) and re.fullmatch(f"contact {GUID}", target), lines[at]
    assert lines[at + 1].strip().startswith("http://127.0.0.1:")
    assert any(re.fullmatch(" +left out +note on the account of participant 1: the contact has no account", line) for line in lines[at + 2 :])


def test_every_sample_ends_as_its_file_expects_and_nothing_is_left_behind(demo):
    run = demo("--exit", "--any-ports")
    run.wait_said("sending")
    ports = ports_while_running(run)
    assert run.wait() == 0, run.said()
    count = len(list(SAMPLES.glob("*.json")))
    assert count == 36
    assert f"{count} of {count} samples ended as their files expect" in run.said()
    assert_the_table_names_each_record(run.said())
    assert_nothing_left(run, ports)


@pytest.mark.parametrize("altered, change, told, right", [
    ("10-contact-without-account", lambda expect: expect["records"].pop(), "10-contact-without-account: a note that nobody expects", 1),
    ("10-contact-without-account", lambda expect: expect.update(outcome="no contact"),
     "10-contact-without-account: the story says 'written' instead of 'no contact'", 1),
    ("07-nobody-found-and-created", lambda expect: expect.pop("created_contacts"), "fabrikam: dynamics365 saw a write of no sample: create person", 2),
], ids=["the records", "the story", "the created contacts"])
def test_an_altered_expectation_makes_it_exit_1_and_say_which(demo, tmp_path, altered, change, told, right):
    samples = tmp_path / "samples"
    samples.mkdir()
    for name in ("05-internal-only.json", f"{altered}.json"):
        shutil.copy(SAMPLES / name, samples)
    path = samples / f"{altered}.json"
    sample = json.loads(path.read_text())
    change(sample["expect"])
    path.write_text(json.dumps(sample))

    run = demo("--exit", "--any-ports", "--samples", samples)
    assert run.wait() == 1, run.said()
    assert f"not as expected: {told}" in run.said()
    assert f"{right} of 2 samples ended as their files expect" in run.said()
    assert "not as expected: 05" not in run.said()
    assert processes_in(run.state) == []


NOTE, LINK = ("note", "1"), "https://meet.example/s/once"
CREATE = {"what": "create", "record": NOTE, "text": f'<a href="{LINK}">'}
UPDATE, DELETE = {**CREATE, "what": "update"}, {**CREATE, "what": "delete", "text": ""}
AGAIN = {**CREATE, "record": ("note", "2")}
REFUSED = {**CREATE, "what": "PATCH, answered with 412,", "record": ("nothing", None)}


@pytest.mark.parametrize("writes, told", [
    ([CREATE], []),
    ([CREATE, UPDATE], ["1 × update note instead of 0"]),
    ([CREATE, AGAIN, {**DELETE, "record": AGAIN["record"]}], ["2 × create note instead of 1", "1 × delete note instead of 0"]),
    ([CREATE, REFUSED], ["1 × PATCH, answered with 412, nothing instead of 0"]),
], ids=["once", "put again", "made again and removed", "put again in vain"])
def test_what_was_done_twice_is_told_whatever_records_it_left(writes, told):
    assert crm_writes.compare(LINK, {"records": [{"kind": "note"}]}, 0, writes) == told
    assert crm_writes.unexplained([f'"{LINK}"'], writes) == []
    assert crm_writes.unexplained([f'"{LINK}x"'], writes) == writes


def test_what_is_sent_must_be_harmless_however_clean_the_record_is_that_the_crm_makes_of_it():
    sent = {**CREATE, "text": f'<a href="{LINK}"><script>alert(1)</script>'}
    another = {**AGAIN, "text": f'<a href="{LINK}x"><script>alert(1)</script>'}
    assert crm_writes.compare_texts(LINK, ["<script", "<img"], [sent, another]) == ["create note was sent with '<script'"]
    assert crm_writes.compare_texts(LINK, ["<script", "<img"], [CREATE, another]) == []


@pytest.mark.parametrize("sessions, told", [(1, ["to the person with kari@alpine.example: 2 × create, 1 × delete by 1 session"]), (2, [])])
def test_a_twin_that_is_removed_is_right_only_where_two_sessions_met(sessions, told):
    made = [{"what": "create", "record": ("person", number), "text": "Kari kari@alpine.example"} for number in "78"]
    gone = {"what": "delete", "record": ("person", "8"), "text": ""}
    assert crm_writes.compare_person("kari@alpine.example", sessions, [*made, gone]) == told
    assert crm_writes.compare_person("kari@alpine.example", 2, made) != []
    assert crm_writes.compare_person("kari@alpine.example", 2, []) != []


def test_ctrl_c_while_it_starts_stops_what_has_been_started(demo):
    run = demo("--any-ports")
    wait_until(lambda: (run.state / "kafka" / "pid").exists(), 30, "Kafka's start")
    script = child_of(run.process.pid)
    second = demo("--any-ports", state=run.state)
    assert second.wait(20) == 1
    assert "another start is at work" in second.said() or "already running" in second.said()
    run.interrupt()
    run.wait(60)
    assert "Traceback" not in run.said()
    assert processes_in(run.state) == []
    wait_until(lambda: in_session(script) == [], 5, "the end of who waited for Kafka")


def assert_where_to_look_is_somewhere(said):
    """Each address answers, and so does the command."""
    told = said.split("Where to look:", 1)[1]
    addresses = re.findall(r"http://\S+", told)
    assert len(addresses) >= 6 + 1 + 5, told
    assert [(each, call("GET", each)[0]) for each in addresses if call("GET", each)[0] != 200] == []
    command = re.search(r"AFTERCALL_CONFIG=\S+ \S+ session show \S+", told)[0]
    assert "northwind-review" in subprocess.run(command, shell=True, check=True, capture_output=True, text=True, timeout=20).stdout


def test_it_runs_until_ctrl_c_stops_everything_and_runs_again_at_once(demo):
    run = demo("--any-ports")
    run.wait_said("Running until Ctrl-C.")
    assert_where_to_look_is_somewhere(run.said())
    ports = ports_while_running(run)
    second = demo("--any-ports", state=run.state)
    assert second.wait(20) == 1
    assert [line for line in second.said().splitlines() if line] == [
        f"deploy/demo: already running in {run.state} (sandbox, control, ingest, matcher, formatter, crm_writer, kafka); deploy/down --state {run.state} stops it"]
    assert run.process.poll() is None, "the second start must not harm the first"
    scaled = subprocess.run([ROOT / "deploy" / "scale", "matcher", "2", "--state", run.state], capture_output=True, text=True, timeout=60)
    assert scaled.returncode == 0, scaled.stderr
    ports = ports_while_running(run)
    run.interrupt()
    run.interrupt()  # impatient
    assert run.wait(60) == 0
    assert_nothing_left(run, ports)

    again = demo("--any-ports", state=run.state)
    again.wait_said("starting ingest")
    again.interrupt()  # while it starts
    assert again.wait(60) != 1, again.said()
    assert "Traceback" not in again.said()
    assert processes_in(again.state) == []


def test_a_port_that_is_taken_is_told_in_one_sentence(demo):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", 8480))
            other.listen()
        except OSError:
            pass  # somebody else has it: just as good
        run = demo("--exit")
        assert run.wait(20) == 1
    told = run.said().strip().splitlines()
    assert len(told) == 1 and told[0].startswith("deploy/demo: port ") and "is taken by another program" in told[0], run.said()
    assert processes_in(run.state) == []
