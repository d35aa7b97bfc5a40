"""tests/run, where what it starts goes wrong and where it is interrupted; the programs it starts are stood in for."""

import os
import pathlib
import shutil
import signal
import subprocess

import pytest

from stack.paths import ROOT
from stack.progress import until

ALL_PASS = "echo '100% tests passed, 0 tests failed out of 3'"


@pytest.fixture
def checkout(tmp_path):
    """checkout(cmake=SHELL, ctest=SHELL) has tests/run and nothing else, and starts it; everything it calls succeeds, but for what these say."""
    started = []

    def start(cmake="true", ctest=ALL_PASS):
        programs = {"tests/run": None, "deploy/setup": "true", "bin/cmake": cmake, "bin/ctest": ctest}
        for name, script in programs.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            if script is None:
                shutil.copy(ROOT / name, path)
            else:
                path.write_text(f"#!/bin/sh\n{script}\n")
                path.chmod(0o755)
        (tmp_path / "build/dev").mkdir(parents=True)
        path = f"{tmp_path}/bin:{os.environ['PATH']}"
        with open(tmp_path / "said", "wb") as said:
            started.append(subprocess.Popen([tmp_path / "tests/run"], cwd=tmp_path, env={**os.environ, "PATH": path}, stdout=said, stderr=said))
        return started[0]

    yield start
    for each in started:
        each.kill()
        each.wait()


def ended(run):
    code = run.wait(timeout=30)
    return code, pathlib.Path(run.args[0]).parents[1].joinpath("said").read_text().splitlines()


def test_a_build_that_fails_is_told_as_the_end_and_not_as_nothing_failed(checkout):
    code, said = ended(checkout(cmake='case "$*" in *--build*) exit 2 ;; esac'))
    assert code == 1
    assert said[-1] == "the build failed (its errors are above): no test was run"
    assert not [line for line in said if "0 failed" in line]


def test_a_run_of_everything_ends_with_the_totals_of_all_its_parts(checkout):
    code, said = ended(checkout())
    assert code == 0, said
    assert said[-1] == "18 passed, 0 failed"


# A test that finishes what it has in hand when it is told to end (and by itself after half a minute); ctest itself just dies.
A_TEST = "trap 'sleep 0.3; echo > finished; exit 1' TERM; sleep 30 & echo > started; wait"


@pytest.mark.parametrize("how, code", [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_interrupted_it_ends_the_tests_that_run_and_waits_for_them(checkout, tmp_path, how, code):
    run = checkout(ctest=f'cd "{tmp_path}"\n({A_TEST}) &\nwait')
    until((tmp_path / "started").exists, 20, "the first test")
    run.send_signal(how)
    assert ended(run)[0] == code
    assert (tmp_path / "finished").exists()
