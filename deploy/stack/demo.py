"""deploy/demo: the whole pipeline on this machine, with simulated CRMs and the sample sessions."""

import argparse
import json
import pathlib
import shutil
import sys
import time

from . import crm_rows, expect, interrupt, samples, table
from .build import build
from .http import call
from .paths import BIN, ROOT
from .progress import Stop, say, step, until
from .stack import Stack

# Each tenant's CRMs, by the organisation or company of the sandbox.
CRMS = {"contoso": {"dynamics365": "contoso"}, "fabrikam": {"dynamics365": "fabrikam"}, "tailwind": {"pipedrive": "tailwind"},
        "wingtip": {"pipedrive": "wingtip"}, "litware": {"pipedrive": "litware", "dynamics365": "litware365"}}
PAGES = {"dynamics365": "orgs", "pipedrive": "companies"}


def arguments():
    parser = argparse.ArgumentParser(
        prog="deploy/demo",
        description="Installs what is missing, builds, starts Kafka, a simulated Dynamics 365 and Pipedrive and all services, sends the sample "
        "sessions through the public door and shows what became of each. Runs until Ctrl-C.")
    parser.add_argument("--exit", action="store_true", help="stop by itself; exit code 0 only if every sample ended as its file expects")
    parser.add_argument("--any-ports", action="store_true", help="let the system choose all ports")
    parser.add_argument("--state", default=ROOT / "build" / "demo", help="folder for data and logs (default build/demo); emptied first")
    parser.add_argument("--samples", type=pathlib.Path, default=samples.SAMPLES, help="folder with other sample files")
    return parser.parse_args()


def apply_tenants(stack):
    step("connecting the tenants to the simulated CRMs")
    text = samples.TENANTS.read_text().replace("http://127.0.0.1:8410", stack.sandbox)
    path = stack.state / "tenants.toml"
    path.write_text(text)
    stack.cli("apply", "-f", path)


def story_of(stack, sample):
    done = stack.cli("session", "show", sample["session_id"], "--tenant", sample["tenant"], "--source", sample["source"], "--json", check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def send_and_wait(stack, all_samples):
    step(f"sending {len(all_samples)} sample sessions through {stack.door}/v1/sessions")
    for sample in all_samples:
        for fault in sample.get("faults", []):
            misbehave(stack, fault)
        if "sent_with" in sample:
            continue
        for number in range(len(sample["steps"])):
            if number:
                wait_for(stack, sample)  # a later state of a session comes after the first was carried out
            samples.send(stack.door, sample, number, samples.KEYS, samples.sent_with(sample, all_samples))
    step("waiting for their outcomes")
    return {sample["name"]: wait_for(stack, sample, newest(sample)) for sample in all_samples}


def misbehave(stack, fault):
    status, answer = call("POST", f"{stack.sandbox}/_control/faults", fault)
    if status != 200:
        raise Stop(f"the sandbox refused a sample's fault: {answer.decode(errors='replace').strip()}")


def newest(sample):
    return sample["steps"][-1].get("revision")


def wait_for(stack, sample, revision=None):
    found = {}

    def ended():
        found.update(story_of(stack, sample))
        right = revision is None or all(
            int(unit.get("revision", {}).get("value", -1)) == revision for unit in expect.units_of(found))
        return expect.settled(sample, found) and right

    try:
        until(ended, 60, f"the outcome of sample {sample['name']}", tick=0.1)
    except Stop as stop:
        say(f"  {stop}")
    return found


def rows_of(story):
    return [row for unit in expect.units_of(story) or [{}] for row in rows_of_unit(unit)]


def rows_of_unit(unit):
    """Each is a line's cells from the second on, and a text: a record's link, or why there is none."""
    rows = []
    for artifact in unit.get("artifacts", []):
        target = artifact.get("target", {})
        rows.append(([artifact.get("state", "").replace("_", " "), artifact.get("kind", ""), artifact.get("crm_id", ""),
                      f"{target.get('type', '')} {target.get('id', '')}"], artifact.get("link", "") or artifact.get("reason", "")))
    for each in unit.get("left_out", []):
        rows.append((["left out", "", "", ""], f"{each.get('what', '')}: {each.get('reason', '')}"))
    if not rows:
        ended = unit.get("state") in expect.ENDED
        rows.append(([unit.get("reason" if ended else "state", "no outcome"), "", "", ""], unit.get("detail", "")))
    return rows


HEAD = ["session", "outcome", "record", "id", "on"]


def told(rows):
    """The table's lines. A link would make it too wide and stands below its record; a reason has the place of a record."""
    head, rule, *lines = table.lines(HEAD, [cells for cells, _ in rows])
    outcome, record = head.index(HEAD[1]), head.index(HEAD[2])
    found = [head, rule]
    for (cells, text), line in zip(rows, lines):
        found += [line, " " * (outcome + 2) + text] if cells[2] else [(table.pad(line, record) + text)[:160]]
    return [line.rstrip() for line in found]


def report(all_samples, stories, records):
    rows, failures = [], []
    for sample in all_samples:
        story = stories[sample["name"]]
        wrong = expect.compare_records(sample, records[sample["tenant"]], all_samples) + expect.compare_story(sample, story)
        failures += [f"{sample['name']}: {each}" for each in wrong]
        for number, (cells, below) in enumerate(rows_of(story)):
            rows.append(([("✗ " if wrong else "✓ ") + sample["name"] if number == 0 else "", *cells], below))
    good = len(all_samples) - len({each.split(":")[0] for each in failures})
    for tenant, crms in records.items():
        own = [each for each in all_samples if each["tenant"] == tenant]
        failures += [f"{tenant}: {each}" for each in expect.compare_rest(own, crms)]
    say()
    for line in told(rows):
        say(line)
    say()
    for each in failures:
        say(f"not as expected: {each}")
    say(f"{good} of {len(all_samples)} samples ended as their files expect")
    return failures


def where_to_look(stack):
    say()
    say("Where to look:")
    for tenant, orgs in CRMS.items():
        for vendor, org in orgs.items():
            say(f"  {tenant + ': ' + vendor:<20} {stack.sandbox}/{PAGES[vendor]}/{org}/")
    say(f"  the door             {stack.door}/openapi.json")
    for name, address in stack.metrics_addresses().items():
        say(f"  {name:<20} {address}")
    say(f"  logs                 {stack.state}/<service>/log")
    say(f"  a session's story    AFTERCALL_CONFIG={stack.state}/aftercall.toml {BIN}/aftercall session show northwind-review")


def run(options):
    stack = Stack(options.state, any_ports=options.any_ports, loopback_crm=True)
    stack.claim()
    build(stack.state)
    all_samples = samples.load(options.samples)
    forget(stack.state)
    try:
        stack.start_kafka()
        stack.create_topics()
        stack.start_sandbox()
        stack.start_services()
        stack.wait_ready()
        apply_tenants(stack)
        stories = send_and_wait(stack, all_samples)
        failures = report(all_samples, stories, crm_rows.look(stack.sandbox, CRMS))
        if options.exit:
            return 1 if failures else 0
        where_to_look(stack)
        say("\nRunning until Ctrl-C.")
        while not stack.dead():
            time.sleep(0.5)
        raise Stop(f"{', '.join(stack.dead())} ended; see its log in {stack.state}")
    finally:
        interrupt.ignore()  # whoever is impatient now would only leave processes behind
        step("stopping everything")
        stack.stop()


def forget(state):
    """Every demo starts anew; only the log of the build stays."""
    for entry in state.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)


def main():
    options = arguments()
    interrupt.heed()
    try:
        sys.exit(run(options))
    except KeyboardInterrupt:
        say("\nstopped")
        sys.exit(130 if options.exit else 0)
    except Stop as stop:
        sys.exit(f"deploy/demo: {stop}")


if __name__ == "__main__":
    main()
