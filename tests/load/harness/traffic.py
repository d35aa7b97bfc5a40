"""The processes around the measured ones: a CRM that answers, an upstream that sends, and what reads the topics."""

import json
import subprocess
import time

from stack.http import call, get_json
from stack.paths import BIN
from stack.progress import Stop, Ticker, until

PROGRAM = BIN / "aftercall-load"


def listening(child):
    """The address that a process says it listens on."""

    def told():
        child.require()
        lines = (child.folder / "log").read_text().splitlines()
        return next((line.rsplit(" ", 1)[1] for line in lines if line.startswith("listening on ")), None)

    return until(told, 20, f"{child.name} opening its port")


class Answerer:
    def __init__(self, stack, name, folder, *arguments):
        self.folder = folder
        self.child = stack.start_child(name, [PROGRAM, "answer", "--out", folder, *arguments], folder)
        self.address = listening(self.child)
        self.url = f"http://{self.address}"

    def counts(self):
        found = get_json(self.url + "/_load")
        if found is None:
            raise Stop("the answering CRM does not answer")
        return found

    def first_writes(self):
        status, _ = call("POST", self.url + "/_load")
        if status != 200:
            raise Stop("the answering CRM could not save its times")
        return (self.folder / "first_writes").read_bytes()


class Sending:
    """An upstream at work."""

    def __init__(self, folder, door, template, templates, key, first, count, connections, rate=0, answer=None):
        self.folder, self.first, self.count = folder, first, count
        folder.mkdir(parents=True, exist_ok=True)
        command = [PROGRAM, "send", "--door", door, "--key", key, "--template", template, "--templates", templates, "--first", first,
                   "--count", count, "--connections", connections, "--rate", rate, "--out", folder / "accepted"]
        command += ["--answer", answer] if answer else []
        self.started = time.monotonic()
        self.process = subprocess.Popen([str(each) for each in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait(self, answerer, already, deadline, what):
        """Until everything has been written; returns seconds from the first request to the last write."""
        ticker = Ticker()
        end = time.monotonic() + deadline
        try:
            while (done := answerer.counts()["sessions"] - already) < self.count:
                if self.process.poll() not in (None, 0):
                    raise Stop(f"the upstream failed: {self.process.stderr.read().strip()[:500]}")
                if time.monotonic() > end:
                    raise Stop(f"{what}: {done} of {self.count} sessions were written within {deadline:.0f} s")
                ticker.show(f"{what}: {done} of {self.count}")
                time.sleep(0.1)
            took = time.monotonic() - self.started
            out, _ = self.process.communicate(timeout=30)
            return took, json.loads(out)
        finally:
            ticker.done()
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def accepted(self):
        return (self.folder / "accepted").read_bytes()


def record(brokers, prefix, topics, folder):
    """Copies of some sessions' records; {topic: {records, bytes}} of one session."""
    folder.mkdir(parents=True, exist_ok=True)
    named = [word for topic in topics for word in ("--topic", topic)]
    command = [PROGRAM, "record", "--brokers", brokers, "--prefix", prefix, "--out", folder, *named]
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise Stop(f"the topics could not be read: {done.stderr.strip()}")
    return json.loads(done.stdout)
