"""Installs what is missing and builds, with progress."""

import os
import re
import subprocess

from .paths import BUILD, ROOT
from .progress import Stop, Ticker, step

TARGETS = ["ingest", "matcher", "formatter", "crm_writer", "control", "cli"]


def run(command, log, what):
    ticker = Ticker()
    with open(log, "ab") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in process.stdout:
            file.write(line.encode())
            done = re.match(r"\[(\d+)/(\d+)\]", line)
            if done:
                ticker.show(f"{done[1]} of {done[2]} steps")
        process.wait()
    ticker.done()
    if process.returncode != 0:
        tail = "\n    ".join(open(log, errors="replace").read().splitlines()[-15:])
        raise Stop(f"{what} failed; the last lines of {log}:\n    {tail}")


def build(state):
    """AFTERCALL_BUILD names a folder that is built already, and is then taken as it is."""
    if os.environ.get("AFTERCALL_BUILD"):
        return
    log = state / "build.log"
    state.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    step("building (the first time this takes about ten minutes on two cores)")
    if not (BUILD / "build.ninja").exists():
        run(["cmake", "--preset", "dev"], log, "configuring")
    run(["cmake", "--build", "--preset", "dev", "--target", *TARGETS], log, "building")
