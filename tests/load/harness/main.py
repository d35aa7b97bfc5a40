"""tests/load/run: what a session costs, beside the least that its bytes cost."""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from stack import interrupt
from stack.paths import BUILD, KAFKA
from stack.progress import Stop, say, step

from . import report, sessions
from .chain import TOPICS, Floor, LoadStack, Ours
from .measure import Load
from .traffic import record

SIZES = {"4k": 4 * 1024, "48k": 48 * 1024}
CRMS = list(sessions.CONNECTIONS)


def arguments():
    parser = argparse.ArgumentParser(
        prog="tests/load/run",
        description="Sends sessions through all stages on a real Kafka (warm, its compiler unrestrained) to a CRM that answers at once, and "
        "prints what they cost; then sends the same bytes over bare librdkafka and HTTP, the floor, and prints the ratio. Builds the "
        "release preset first, unless AFTERCALL_BUILD names a folder that is built.")
    parser.add_argument("--sessions", type=int, default=10_000, help="of each size and CRM, measured (default 10000); warm-up and latency come on top. Fewer than 500 try the tool: their memory is read at once")
    parser.add_argument("--rate", type=int, default=0, help="sessions/s to send at; default: as fast as they go. For comparing two builds on "
                        "a busy machine: what neither falls behind at, costs both alike")
    parser.add_argument("--connections", type=int, default=32, help="to the door, each sending its next session when the last is accepted "
                        "(default 32). More of them fill larger batches, which cost less a session")
    parser.add_argument("--crm", choices=[*CRMS, "all"], default="all", help="the CRM that they are for")
    parser.add_argument("--size", choices=[*SIZES, "all"], default="all", help="bytes of a session's JSON at the door")
    parser.add_argument("--state", type=pathlib.Path, help="folder for data and logs, kept; default: one that is deleted in the end")
    parser.add_argument("--json", type=pathlib.Path, help="also write the figures here")
    options = parser.parse_args()
    if options.sessions < 1 or options.rate < 0 or not 1 <= options.connections <= 1000:
        parser.error("--sessions is at least 1, --rate at least 0, --connections from 1 to 1000")
    return options


def start_broker(stack):
    step("starting Kafka, warm")
    command = [KAFKA, "start", "--warm", "--fresh", "--dir", stack.state / "kafka", "--port", "0", "--controller-port", "0"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, start_new_session=True)
    if done.returncode != 0:
        raise Stop((done.stderr or done.stdout).strip().splitlines()[-1])
    stack.brokers = (stack.state / "kafka" / "bootstrap").read_text().strip()
    return int((stack.state / "kafka" / "pid").read_text())


def run_ours(stack, broker, crm, size, options, chain):
    folder = stack.state / "load"
    shutil.rmtree(folder, ignore_errors=True)
    template = sessions.write_templates(folder / "templates", SIZES[size], crm)
    load = Load(chain, folder / "ours", template, broker, options.connections)
    ours = load.measure(options.sessions, options.rate)
    hops = record(stack.brokers, stack.topic_prefix, TOPICS, folder / "recorded")
    return ours, hops, load


def run_floor(stack, broker, crm, options, ours, requests):
    floor = Floor(stack, stack.state / "floor", crm, stack.state / "load" / "recorded", requests, ours.folder / "answer")
    try:
        return Load(floor, stack.state / "floor" / "load", ours.template, broker, options.connections).measure(options.sessions, options.rate)
    finally:
        floor.stop()


def fresh_stack(state, prefix, brokers=""):
    stack = LoadStack(state, any_ports=True, loopback_crm=True, topic_prefix=prefix)
    stack.brokers = brokers
    return stack


def one(state, crm, size, options):
    """Everything anew each time: a broker that carried 48 KB sessions is another one."""
    shutil.rmtree(state / crm / size, ignore_errors=True)
    stack = fresh_stack(state / crm / size, "aftercall.")
    stack.state.mkdir(parents=True, exist_ok=True)
    try:
        broker = start_broker(stack)
        for prefix in ("aftercall.", "floor."):
            stack.cli("topics", "create", "--brokers", stack.brokers, "--replication", "1", "--prefix", prefix)
        chain = Ours(stack, stack.state, crm)
        before = report.load_average()
        ours, hops, load = run_ours(stack, broker, crm, size, options, chain)
        chain.stop()
        floor = run_floor(stack, broker, crm, options, load, chain.crm.folder)
        settings = {
            "machine": f"{report.machine()}, load average {before} before, {report.load_average()} after", "build": report.build_type(BUILD),
            "broker": "Apache Kafka, one node on this machine, KRaft, replication 1, Java's compiler unrestrained, warmed up",
            "clients": "12 partitions, acks=all, idempotent, linger 5 ms, lz4, commits at most every 100 ms; services with default settings",
            "payload": f"one tenant, {SIZES[size]} bytes of JSON a session, {sessions.PAYLOADS[crm]}",
            "load": f"{options.rate} sessions/s" if options.rate else f"{options.connections} connections, each sending its next session at once",
            "CRM": f"{crm}, answers at once"}
        return ours, floor, hops, settings
    finally:
        interrupt.ignore()
        stack.stop()
        interrupt.heed()


def main():
    options = arguments()
    interrupt.heed()
    state = options.state or pathlib.Path(tempfile.mkdtemp(prefix="aftercall-load-"))
    try:
        results = {}
        for crm in CRMS if options.crm == "all" else [options.crm]:
            for size in SIZES if options.size == "all" else [options.size]:
                ours, floor, hops, settings = one(state, crm, size, options)
                say("\n" + report.text(ours, floor, hops, settings))
                results.setdefault(crm, {})[size] = {"ours": vars(ours), "floor": vars(floor), "hops": hops, **settings}
        if options.json:
            options.json.write_text(json.dumps(results, indent=1))
    except KeyboardInterrupt:
        sys.exit(130)
    except Stop as stop:
        sys.exit(f"tests/load/run: {stop}")
    finally:
        if not options.state:
            shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    main()
