"""deploy/up, deploy/down, deploy/scale: Kafka and the services without the sandbox, for pointing at any CRM."""

import argparse
import pathlib
import sys

from . import interrupt
from .build import build
from .config import Config
from .paths import BIN, ROOT
from .progress import Stop, say, step
from .settings import STAGES
from .stack import Stack, attach, kafka_runs, recorded_children, stop_kafka

STATE = ROOT / "build" / "up"


def parser(name, what):
    made = argparse.ArgumentParser(prog=f"deploy/{name}", description=what)
    made.add_argument("--state", default=STATE, type=pathlib.Path, help="folder for data and logs (default build/up)")
    return made


def up():
    made = parser("up", "Installs what is missing, builds, starts Kafka and all services, and returns. The CRMs are those of the "
                        "connections in the tenants file.")
    made.add_argument("--config", type=pathlib.Path, required=True, help="TOML: tenants = FILE for `aftercall apply`, "
                      "allow_loopback_crm (developers), any_ports, and a section for each service with further settings")
    options = made.parse_args()
    config = Config(options.config)
    if config.wrongs:  # told before a build that may take long, with what the services say if they are there to be asked
        config.stop_if(config.wrongs + config.wrongs_by_services(options.state))
    stack = config.stack(options.state)
    stack.claim()
    build(stack.state)
    config.stop_if(config.wrongs_by_services(options.state))
    try:
        stack.start_kafka()
        stack.create_topics()
        stack.start_services()
        stack.wait_ready()
        if config.tenants():
            step("applying the tenants file")
            say(stack.cli("apply", "-f", config.tenants()).stdout.rstrip())
        stack.record()
    except BaseException:
        interrupt.ignore()
        stack.stop()
        raise
    say(f"up: the door is at {stack.door}/v1/sessions; ask with AFTERCALL_CONFIG={stack.state}/aftercall.toml {BIN}/aftercall status")
    say("deploy/down stops it, deploy/scale STAGE N runs N instances of a stage")


def down():
    options = parser("down", "Stops what deploy/up started; the data stays.").parse_args()
    state = options.state.resolve()
    children = [child for child in recorded_children(state) if child.alive()]
    if not children and not kafka_runs(state):
        say(f"nothing runs in {state}")
        return
    stack = attach(state) if children else Stack(state)
    step(f"stopping {', '.join(child.name for child in children) or 'Kafka'}")
    stack.stop() if children else stop_kafka(state)
    say("down")


def scale():
    made = parser("scale", "Runs N instances of a stage, in what deploy/up or deploy/demo started.")
    made.add_argument("stage", choices=STAGES)
    made.add_argument("count", type=int, help="1 to 12: a stage has no more partitions than that")
    options = made.parse_args()
    if not 1 <= options.count <= 12:
        raise Stop("the number of instances is 1 to 12: a topic has 12 partitions")
    scale_to(attach(options.state), options.stage, options.count)


def scale_to(stack, stage, count):
    name = lambda number: stage if number == 1 else f"{stage}-{number}"
    running = [number for number in range(1, 13) if name(number) in stack.children and stack.children[name(number)].alive()]
    for number in [each for each in range(1, 13) if each not in running][: max(0, count - len(running))]:
        step(f"starting {name(number)}")
        stack.start_service(stage, number)
    for number in running[::-1][: max(0, len(running) - count)]:
        step(f"stopping {name(number)}")
        stack.children.pop(name(number)).stop()
        stack.record()
    stack.wait_ready()
    say(f"{count} {'instance' if count == 1 else 'instances'} of {stage}")


def main(command):
    interrupt.heed()
    try:
        {"up": up, "down": down, "scale": scale}[command]()
    except KeyboardInterrupt:
        sys.exit(130)
    except Stop as stop:
        sys.exit(f"deploy/{command}: {stop}")


if __name__ == "__main__":
    main(sys.argv.pop(1))
