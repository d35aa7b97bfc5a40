"""deploy/demo and tests/run on a machine that lacks something, and tests that are told to end: nothing is left behind.

What else may stop the demo (a port that is taken, a demo that runs already) is in test_demo.py.
"""

import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from processes import processes_in
from stack.paths import BUILD, ROOT
from waiting import wait_until

MISSING = "libgumbo-dev"
START = {"demo": ["deploy/demo", "--exit", "--any-ports"], "tests": ["tests/run"]}
both = pytest.mark.parametrize("start", START)


@pytest.fixture
def checkout(tmp_path):
    shutil.copytree(ROOT / "deploy", tmp_path / "checkout" / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "checkout" / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "run", tmp_path / "checkout" / "tests")
    return tmp_path / "checkout"


@pytest.fixture
def without_sudo(tmp_path):
    """A PATH on which there is everything but sudo, and where dpkg says that one package is missing."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for folder in map(pathlib.Path, ("/usr/bin", "/usr/sbin", "/bin", "/sbin")):
        for program in folder.iterdir():
            if program.name not in ("sudo", "dpkg-query") and not (programs / program.name).is_symlink():
                (programs / program.name).symlink_to(program)
    query = programs / "dpkg-query"
    query.write_text(f'#!/bin/sh\n/usr/bin/dpkg-query "$@" | grep -v " {MISSING}$"\n')
    query.chmod(0o755)
    return {"PATH": str(programs)}


@pytest.fixture
def own_apt(tmp_path):
    """apt with places of its own, so that what it does here changes nothing on this machine."""
    for place in ("state/lists/partial", "cache/archives/partial", "log"):
        (tmp_path / "apt" / place).mkdir(parents=True)
    settings = tmp_path / "apt.conf"
    settings.write_text(f'Dir::State "{tmp_path}/apt/state";\nDir::State::status "/var/lib/dpkg/status";\nDir::Cache "{tmp_path}/apt/cache";\n'
                        f'Dir::Log "{tmp_path}/apt/log";\nAPT::Sandbox::User "root";\nAcquire::Retries::Delay "false";\n')
    return {"APT_CONFIG": str(settings)}


# Both need no more rights than the tests have: as root a namespace in which we are nobody, else one in which we are root.
AS_NOBODY = ["unshare", "--user"] if os.getuid() == 0 else []
WITHOUT_NETWORK = ["unshare", "--net"] if os.getuid() == 0 else ["unshare", "--net", "--map-root-user"]


def run(checkout, start, how=(), **environment):
    """What it says when it cannot proceed, line by line."""
    inherited = {name: value for name, value in os.environ.items() if name != "AFTERCALL_BUILD"}
    done = subprocess.run([*how, *START[start]], cwd=checkout, capture_output=True, text=True, timeout=60, env={**inherited, **environment})
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert processes_in(checkout) == []
    assert "Traceback" not in said
    return [line for line in said.splitlines() if line and not line.startswith("== ")]


@pytest.mark.parametrize("script", ["deploy/demo", "deploy/up", "deploy/down", "deploy/scale", "deploy/setup", "deploy/kafka/kafka", "tests/run",
                                    "tests/setup", "tests/load/run", "tests/sandbox/run", ".ci/run", "tools/check"])
def test_help_needs_nothing_and_does_nothing(script, without_sudo):
    environment = {name: value for name, value in os.environ.items() if name != "AFTERCALL_BUILD"}
    done = subprocess.run([*AS_NOBODY, ROOT / script, "--help"], capture_output=True, text=True, timeout=20, env={**environment, **without_sudo})
    assert (done.returncode, done.stderr) == (0, "")
    assert 2 <= len(done.stdout.splitlines()) < 40 and "nothing to do" not in done.stdout


@both
def test_neither_root_nor_sudo(checkout, start, without_sudo):
    assert run(checkout, start, AS_NOBODY, **without_sudo) == [
        f"deploy/setup: installing packages needs root, and there is no sudo; let root run 'apt-get install {MISSING}'"]


@both
def test_no_network_for_packages(checkout, start, without_sudo, own_apt):
    said = run(checkout, start, WITHOUT_NETWORK, **without_sudo, **own_apt)
    assert said[0].startswith("deploy/setup: installing 1 of ") and said[0].endswith(f": {MISSING}")
    assert said[-1].startswith("deploy/setup: the package mirrors do not answer") and "check the network" in said[-1]


def test_no_network_for_kafka(checkout, tmp_path):
    said = run(checkout, "demo", WITHOUT_NETWORK, AFTERCALL_BUILD=str(BUILD), XDG_CACHE_HOME=str(tmp_path),
               MAVEN_OPTS=f"-Dmaven.repo.local={tmp_path}/maven")
    assert "fetch Kafka's jars; no network?" in said[-1] and said[-1].startswith("deploy/demo: ")


def test_tests_that_run_already(checkout):
    (checkout / "build").mkdir()
    with open(checkout / "build" / "run-dev.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert run(checkout, "tests") == ["tests/run: another 'tests/run dev' is already running in this checkout; wait for it"]


def test_tests_that_are_told_to_end_leave_no_process_behind(tmp_path):
    """As tests/run does it, to a process that has a Kafka, a sandbox and services of its own."""
    folder = tmp_path / "inner"
    environment = {name: value for name, value in os.environ.items() if name != "AFTERCALL_KAFKA_BOOTSTRAP_FILE"}
    with open(tmp_path / "said", "wb") as said:
        tests = subprocess.Popen([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={folder}",
                                  ROOT / "tests" / "e2e" / "test_trace.py"], env=environment, stdout=said, stderr=said)
    try:
        wait_until(lambda: any("aftercall-crm-writer" in each for each in processes_in(folder)), 60, "the last service's start")
        tests.terminate()
        assert tests.wait(60) == 2, "pytest's code for an interrupted run"
        assert processes_in(folder) == []
    finally:
        tests.kill()
