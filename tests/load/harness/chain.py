"""The two chains that are measured, with one face: processes with pids, a door, a CRM."""

from stack.progress import step
from stack.settings import SERVICES
from stack.stack import Stack

from . import sessions
from .traffic import PROGRAM, Answerer, listening

TOPICS = ["session.finished.v1", "contact.matched.v1", "note.ready.v1", "delivery.ledger.v1", "session.settled.v1"]
STAGES = ["ingest", "matcher", "formatter", "crm_writer"]


class LoadStack(Stack):
    """One that also starts and stops what is no service of ours."""

    def services(self):
        return [child for child in self.children.values() if child.name in SERVICES]


class Ours:
    """The services as they are delivered, with their default settings, and the log in a file."""

    name = "aftercall"
    processes = [*STAGES, "control"]

    def __init__(self, stack, folder, crm):
        self.stack, self.folder = stack, folder
        stack.start_sandbox()
        sandbox = stack.sandbox.removeprefix("http://")
        step("starting the answering CRM")
        self.crm = Answerer(stack, "crm", folder / "crm", "--crm", crm, "--sandbox", sandbox)
        stack.start_services()
        stack.wait_ready()
        tenants = folder / "tenants.toml"
        tenants.write_text(sessions.tenants(crm, self.crm.url))
        stack.cli("apply", "-f", tenants)
        self.door = stack.door.removeprefix("http://")

    def pids(self):
        return {name: self.stack.children[name].pid for name in self.processes}

    def deferred(self):
        """Units that a stage sent to wait in event.deferred; they are written half a minute later, and at twice the cost."""
        logs = (self.stack.children[name].folder / "log" for name in STAGES)
        return sum(log.read_text(errors="replace").count(" outcome=waiting ") for log in logs)

    def stop(self):
        for name in [*self.processes, "crm", "sandbox"][::-1]:
            self.stack.children.pop(name).stop()


class Floor:
    """The same bytes by as little as can carry them: recorded records, recorded requests."""

    name = "floor"
    processes = ["door", "look", "plan", "write", "view"]
    like = dict(zip([*STAGES, "control"], processes))

    def __init__(self, stack, folder, crm, recorded, requests, answer):
        self.stack, self.folder = stack, folder
        self.crm = Answerer(stack, "floor-crm", folder / "crm", "--crm", crm, "--again")
        kafka = ["--brokers", stack.brokers, "--prefix", "floor.", "--slots", 32]
        finished, matched, ready, ledger, settled = (recorded / topic for topic in TOPICS)

        def start(name, *arguments):
            return stack.start_child(f"floor-{name}", [PROGRAM, "hop", *kafka, *arguments], folder / name)

        door = start("door", "--answer", answer, "--out", finished)
        asks = ["--crm", self.crm.address, "--requests"]
        start("look", "--group", "floor.look", "--in", TOPICS[0], *asks, requests / "look", "--out", matched)
        start("plan", "--group", "floor.plan", "--in", TOPICS[1], "--out", ready)
        start("write", "--group", "floor.write", "--in", TOPICS[2], *asks, requests / "write", "--out", ledger, "--out", settled)
        start("view", "--group", "floor.view", *[word for topic in (*TOPICS[:3], TOPICS[4]) for word in ("--in", topic)])
        self.door = listening(door)

    def pids(self):
        return {name: self.stack.children[f"floor-{name}"].pid for name in self.processes}

    def deferred(self):
        return 0

    def stop(self):
        for name in [*self.processes, "crm"]:
            self.stack.children.pop(f"floor-{name}").stop()
