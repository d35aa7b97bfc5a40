"""The processes of one machine: started in order, waited for until they answer, scaled, stopped."""

import fcntl
import json
import os
import pathlib
import signal
import socket
import subprocess

from . import interrupt, secret_files, settings
from .child import Child
from .http import call
from .paths import BIN, KAFKA, SANDBOX, program
from .progress import Stop, say, step, until

# Where people look. Everything else is told by its own file.
PORTS = {"kafka": 9092, "kafka_controller": 9093, "door": 8480, "control": 8490, "sandbox": 8410}

# What only one process can have: of these a person's settings are the first instance's.
ONE_INSTANCE = {("health", "port"), ("stage", "in_hand"), ("ledger", "file")}


class Stack:
    def __init__(self, state, any_ports=False, loopback_crm=False, overrides=None, topic_prefix="aftercall."):
        self.state = pathlib.Path(state).resolve()
        self.ports = {name: 0 if any_ports else port for name, port in PORTS.items()}
        self.loopback_crm = loopback_crm  # a CRM on this machine: the sandbox
        self.overrides = overrides or {}  # further settings: {"matcher": {"stage": {"slots": 8}}}
        self.topic_prefix = topic_prefix  # several stacks may share one Kafka
        self.children = {}  # name -> Child, in the order of starting
        self.brokers = ""
        self.environment = {}

    # ---- before anything is started

    def claim(self):
        """One stack for each state folder, also while it is being started."""
        self.state.mkdir(parents=True, exist_ok=True)
        running = self.recorded() + (["kafka"] if kafka_runs(self.state) else [])
        if running:
            raise Stop(f"already running in {self.state} ({', '.join(running)}); deploy/down --state {self.state} stops it")
        self.lock = open(self.state / "lock", "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Stop(f"another start is at work in {self.state}; wait for it, or use --state") from None
        for name, port in self.ports.items():
            if port and not free(port):
                raise Stop(f"port {port} ({name}) is taken by another program; stop it, or use --any-ports")

    def recorded(self):
        """Names of children of an earlier start that are alive."""
        return [child.name for child in recorded_children(self.state) if child.alive()]

    # ---- starting

    def start_kafka(self):
        step("starting Kafka")
        command = [KAFKA, "start", "--dir", self.state / "kafka", "--port", self.ports["kafka"],
                   "--controller-port", self.ports["kafka_controller"]]
        starting = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                    start_new_session=True)
        try:
            told, _ = starting.communicate()
        except BaseException:
            os.killpg(starting.pid, signal.SIGTERM)  # and those that it waits with; the node is stopped by its folder
            starting.wait()
            raise
        if starting.returncode != 0:
            raise Stop(told.strip().splitlines()[-1])
        self.brokers = (self.state / "kafka" / "bootstrap").read_text().strip()

    def create_topics(self):
        step("creating topics")
        self.cli("topics", "create", "--brokers", self.brokers, "--replication", "1", "--prefix", self.topic_prefix)

    def start_sandbox(self, world=None):
        step("starting the sandbox: simulated CRMs with their sign-in")
        folder = self.state / "sandbox"
        (folder / "log").unlink(missing_ok=True)
        command = [SANDBOX, "--port", self.ports["sandbox"], "--journal", folder / "journal.jsonl"]
        if world:
            command += ["--world", world]
        child = self.start_child("sandbox", command, folder)
        line = until(lambda: child.require() or find_line(folder / "log", "sandbox listening on "), 20, "the sandbox's start")
        self.sandbox = line.split()[-1]

    def start_service(self, name, instance=1):
        label = name if instance == 1 else f"{name}-{instance}"
        folder = self.state / label
        folder.mkdir(parents=True, exist_ok=True)
        for old in ("log", "health.port", "door.port", "control.port"):
            (folder / old).unlink(missing_ok=True)
        settings.write_private(folder / "settings.toml", settings.toml(self.sections(name, folder)))
        return self.start_child(label, [program(name), "--config", folder / "settings.toml"], folder)

    def sections(self, name, folder):
        health = {"address": "127.0.0.1", "port": 0, "port_file": folder / "health.port"}
        kafka = {"brokers": self.brokers, "client_id": folder.name, "topic_prefix": self.topic_prefix}
        sections = {"kafka": kafka, "health": health, "log": {"format": "text"}}
        tokens = self.state / "tokens"
        if name == "ingest":
            sections["listen"] = {"address": "127.0.0.1", "port": self.ports["door"], "port_file": folder / "door.port"}
        elif name == "control":
            sections["grpc"] = {"address": "127.0.0.1", "port": self.ports["control"], "port_file": folder / "control.port",
                                "tokens_file": tokens / "tokens.toml"}
            sections["secrets"] = {"key_ring": tokens / "keys.toml"}
            sections["view"] = {"file": folder / "sessions.view"}
            sections["crm"] = {"allow_loopback": self.loopback_crm}
        else:
            sections["stage"] = {"in_hand": folder / "in_hand"}
            if name == "crm_writer":
                sections["ledger"] = {"file": folder / "ledger.view"}
                sections["crm"] = {"allow_loopback": self.loopback_crm}
            if name != "formatter":
                sections["control"] = {"address": self.control, "token": {"file": tokens / "stage"}}
        first = folder.name == name
        for section, values in self.overrides.get(name, {}).items():
            mine = {key: value for key, value in values.items() if first or (section, key) not in ONE_INSTANCE}
            sections.setdefault(section, {}).update(mine)
        return sections

    def start_control(self):
        secret_files.make(self.state / "tokens")
        step("starting control")
        # Kept when it is started again: the stages know no other address.
        self.ports["control"] = int(self.port_of(self.start_service("control"), "control.port"))
        self.control = f"127.0.0.1:{self.ports['control']}"
        self.write_cli_settings()

    def start_services(self):
        self.start_control()
        for name in ("ingest",) + settings.STAGES:
            step(f"starting {name}")
            self.start_service(name)
        self.door = "http://127.0.0.1:" + self.port_of(self.children["ingest"], "door.port")

    def write_cli_settings(self):
        text = settings.toml({"control": {"address": self.control, "token": {"file": self.state / "tokens" / "admin"}}})
        settings.write_private(self.state / "aftercall.toml", text)

    def wait_ready(self, seconds=60):
        """Every process says by itself that it is ready; else why not."""
        for child in self.services():
            port = self.port_of(child, "health.port")
            answer = [0, b""]

            def ready():
                child.require()
                answer[:] = call("GET", f"http://127.0.0.1:{port}/readyz", timeout=2)
                return answer[0] == 200

            try:
                until(ready, seconds, f"{child.name} becoming ready")
            except Stop as stop:
                raise Stop(f"{stop}: {answer[1].decode(errors='replace').strip() or 'no answer'}") from None

    # ---- while it runs

    def services(self):
        return [child for child in self.children.values() if child.name not in ("sandbox",)]

    def port_of(self, child, file):
        path = child.folder / file
        return until(lambda: child.require() or (path.exists() and path.read_text().strip()), 20, f"{child.name} opening its port")

    def metrics_addresses(self):
        return {child.name: f"http://127.0.0.1:{self.port_of(child, 'health.port')}/metrics" for child in self.services()}

    def cli(self, *arguments, check=True):
        command = [BIN / "aftercall", *arguments]
        environment = {**os.environ, **self.environment, "AFTERCALL_CONFIG": str(self.state / "aftercall.toml")}
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=environment, timeout=120)
        if check and done.returncode != 0:
            raise Stop(f"aftercall {' '.join(map(str, arguments[:2]))} failed: {(done.stderr or done.stdout).strip()}")
        return done

    def dead(self):
        return [child.name for child in self.children.values() if not child.alive()]

    def start_child(self, name, command, folder):
        with interrupt.held():
            self.children[name] = Child.start(name, command, folder, environment=self.environment)
            self.record()
        return self.children[name]

    def record(self):
        rows = [{"name": child.name, "folder": str(child.folder), "pid": child.pid} for child in self.children.values()]
        known = {"children": rows, "brokers": self.brokers, "control": getattr(self, "control", ""),
                 "door": getattr(self, "door", ""), "loopback_crm": self.loopback_crm, "topic_prefix": self.topic_prefix,
                 "overrides": self.overrides}
        settings.write_private(self.state / "stack.json", json.dumps(known, indent=1, default=str))  # overrides may hold secrets

    # ---- stopping

    def stop(self):
        """Services first, so that what is in hand is finished and committed; Kafka last. What deploy/scale added since goes, too."""
        order = [*self.children.values(), *self.added()][::-1]
        for child in order:
            child.signal(15)
        for child in order:
            if not child.stop():
                say(f"  {child.name} did not stop by itself and was ended")
        self.children.clear()
        stop_kafka(self.state)
        (self.state / "stack.json").unlink(missing_ok=True)


    def added(self):
        own = {child.pid for child in self.children.values()}
        return [child for child in recorded_children(self.state) if child.pid not in own]


def stop_kafka(state):
    if (state / "kafka").exists():
        subprocess.run([str(KAFKA), "stop", "--dir", str(state / "kafka")], capture_output=True, start_new_session=True)


def kafka_runs(state):
    if not (state / "kafka").exists():
        return False
    return subprocess.run([str(KAFKA), "status", "--dir", str(state / "kafka")], capture_output=True).returncode == 0


def recorded_children(state):
    try:
        known = json.loads((pathlib.Path(state) / "stack.json").read_text())
    except (OSError, ValueError):
        return []
    return [Child(row["name"], row["folder"], row["pid"]) for row in known["children"]]


def attach(state):
    """The stack that runs in this folder."""
    state = pathlib.Path(state).resolve()
    try:
        known = json.loads((state / "stack.json").read_text())
    except (OSError, ValueError):
        raise Stop(f"nothing runs in {state}; deploy/up or deploy/demo starts it") from None
    stack = Stack(state, loopback_crm=known["loopback_crm"], overrides=known["overrides"], topic_prefix=known["topic_prefix"])
    stack.brokers, stack.control, stack.door = known["brokers"], known["control"], known["door"]
    stack.children = {row["name"]: Child(row["name"], row["folder"], row["pid"]) for row in known["children"]}
    return stack


def free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def find_line(path, start):
    try:
        for line in path.read_text(errors="replace").splitlines():
            if line.startswith(start):
                return line
    except OSError:
        pass
    return None
