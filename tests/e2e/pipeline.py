"""The whole pipeline as processes, on a given Kafka under a topic prefix of its own, with a sandbox of its own."""

import json

from sandbox import Sandbox
from stack.http import call
from stack.paths import ROOT
from stack.samples import KEYS
from stack.stack import Stack
from waiting import wait_until

ENDED = ("written", "nothing to write", "blocked", "dead")


class Pipeline:
    def __init__(self, state, broker, prefix, overrides=None):
        self.broker = broker
        self.stack = Stack(state, any_ports=True, loopback_crm=True, overrides=overrides, topic_prefix=prefix)
        self.stack.brokers = broker.address
        self.sandbox = None

    # ---- life

    def start(self, world=None, tenants=None):
        """Everything up and ready, the demo's tenants connected."""
        self.stack.state.mkdir(parents=True, exist_ok=True)
        self.stack.create_topics()
        self.stack.start_sandbox(world)
        self.sandbox = Sandbox(self.stack.sandbox)
        self.stack.start_services()
        self.stack.wait_ready()
        self.apply(tenants or (ROOT / "deploy" / "examples" / "demo.toml").read_text())
        return self

    def apply(self, tenants):
        """Makes tenants as this text says; the sandbox's default address in it becomes the real one."""
        path = self.stack.state / "tenants.toml"
        path.write_text(tenants.replace("http://127.0.0.1:8410", self.stack.sandbox))
        return self.stack.cli("apply", "-f", path)

    def stop(self):
        self.stack.stop()

    def child(self, name):
        return self.stack.children[name]

    def start_instance(self, name, number=1):
        """Starts (again) instance `number` of a service and waits until it is ready."""
        child = self.stack.start_service(name, number)
        self.stack.wait_ready()
        return child

    def log(self, name):
        return (self.stack.state / name / "log").read_text(errors="replace")

    def log_tails(self, count=15):
        """The end of each log, without what went well."""
        for path in sorted(self.stack.state.glob("*/log")):
            lines = [line for line in path.read_text(errors="replace").splitlines() if "level=info service=" not in line or "unit.ended" not in line]
            yield path.parent.name, lines[-count:]

    # ---- sessions

    def post(self, body, tenant="contoso", source="meetings", headers=None):
        """One session or a list of them: (status, answer)."""
        authorization = {"Authorization": "Bearer " + KEYS[tenant, source]}
        return call("POST", self.stack.door + "/v1/sessions", body, {**authorization, **(headers or {})})

    def send(self, body, tenant="contoso", source="meetings", headers=None):
        status, answer = self.post(body, tenant, source, headers)
        assert status == 202, f"the door answered {status}: {answer!r}"
        return json.loads(answer)

    def story(self, session_id, tenant="contoso", source="meetings"):
        """What control tells of it; {} while it knows nothing."""
        done = self.stack.cli("session", "show", session_id, "--tenant", tenant, "--source", source, "--json", check=False)
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def wait_ended(self, session_id, tenant="contoso", source="meetings", deadline=30):
        """The story, once each of its units has ended or waits for a person."""

        def ended():
            story = self.story(session_id, tenant, source)
            units = story.get("units", [])
            return story if units and all(unit.get("state") in ENDED for unit in units) else None

        return wait_until(ended, deadline, f"the end of session {session_id}")

    def release(self, session_id):
        """By a person. The story may know a tenth of a second before the releaser that something waits."""
        asked = lambda: "nothing that waits fits" not in self.stack.cli("deferred", "release", "--session", session_id).stdout
        wait_until(asked, 10, f"the release of session {session_id}")

    def metric(self, name, metric, **labels):
        """The sum of a metric's series that bear these labels."""
        port = self.stack.port_of(self.child(name), "health.port")
        _, text = call("GET", f"http://127.0.0.1:{port}/metrics")
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        lines = [line for line in text.decode().splitlines() if line.split("{")[0].split(" ")[0] == metric]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if all(each in line for each in wanted))
