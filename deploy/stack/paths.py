"""Where things are."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("AFTERCALL_BUILD", ROOT / "build" / "dev"))
BIN = BUILD / "bin"
SAMPLES = ROOT / "deploy" / "samples"
KAFKA = ROOT / "deploy" / "kafka" / "kafka"
SANDBOX = ROOT / "tests" / "sandbox" / "run"


def program(service):
    return BIN / ("aftercall-" + service.replace("_", "-"))
