"""tests/run's last line, where what it starts goes wrong; the programs it starts are stood in for."""

import os
import shutil
import subprocess

import pytest

from stack.paths import ROOT


@pytest.fixture
def checkout(tmp_path):
    """checkout(cmake=SHELL) has tests/run and nothing else; everything it calls succeeds, but for what cmake says."""

    def make(cmake):
        programs = {"tests/run": None, "deploy/setup": "true", "bin/cmake": cmake, "bin/ctest": "echo '100% tests passed, 0 tests failed out of 3'"}
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
        return subprocess.run([tmp_path / "tests/run"], env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=30)

    return make


def test_a_build_that_fails_is_told_as_the_end_and_not_as_nothing_failed(checkout):
    done = checkout('case "$*" in *--build*) exit 2 ;; esac')
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "the build failed (its errors are above): no test was run"
    assert "0 failed" not in done.stdout


def test_a_run_of_everything_ends_with_the_totals_of_all_its_parts(checkout):
    done = checkout("true")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "18 passed, 0 failed"
