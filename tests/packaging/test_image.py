"""What the Dockerfile promises, held against deploy/setup and against the programs as they are installed."""

import os
import pathlib
import re
import socket
import subprocess
import threading

import dockerfile
import pytest

from stack.paths import BUILD, ROOT
from stack.settings import SERVICES

STAGES = dockerfile.stages((ROOT / "Dockerfile").read_text())
PROGRAMS = {name: "aftercall-" + name.replace("_", "-") for name in SERVICES} | {"cli": "aftercall"}
IN_EVERY_DEBIAN = {"libc6", "libgcc-s1", "libstdc++6"}  # apt itself needs them


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The image's /opt/aftercall, from this build."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(["cmake", "--install", str(BUILD), "--prefix", str(folder)], check=True, capture_output=True)
    return folder


@pytest.fixture
def context(tmp_path):
    """The sources as the build stage sees them: all but what .dockerignore names."""
    left_out = (ROOT / ".dockerignore").read_text().split()
    assert not [each for each in left_out if set(each) & set("*?[!/")], "this reads plain names of the checkout's own entries"
    for entry in ROOT.iterdir():
        if entry.name not in left_out:
            (tmp_path / entry.name).symlink_to(entry)
    return tmp_path


def package_of(library):
    """The Debian package that owns a library; /lib and /usr/lib are one folder, yet dpkg knows one of the names only."""
    for path in (library, library.removeprefix("/usr"), "/usr" + library):
        done = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    raise AssertionError(f"no package owns {library}")


def named_libraries(program):
    """Those that the program itself names, not those that its libraries need."""
    told = subprocess.run(["objdump", "-p", program], check=True, capture_output=True, text=True).stdout
    needed = re.findall(r"NEEDED\s+(\S+)", told)
    linked = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    where = dict(re.findall(r"(\S+) => (\S+)", linked))
    return [str(pathlib.Path(where[name]).resolve()) for name in needed if name in where]


def test_there_is_a_target_for_each_service_that_starts_its_program():
    for name, program in PROGRAMS.items():
        assert dockerfile.entrypoint(dockerfile.inherited(STAGES, name))[0] == program
    assert set(STAGES) == {"build", "runtime", "secrets", *PROGRAMS}


def test_no_service_runs_as_root():
    for name in PROGRAMS:
        assert dockerfile.last(dockerfile.inherited(STAGES, name), "USER") == "aftercall"


def test_the_build_installs_what_the_setup_lists():
    commands = [rest for word, rest in STAGES["build"] if word == "RUN"]
    assert any(command.startswith("/source/deploy/setup build") for command in commands)
    assert dockerfile.packages(STAGES["build"]) == set(), "the list of packages is deploy/setup's"
    bases = {STAGES[name][0][1] for name in ("build", "runtime", "secrets")}
    assert len(bases) == 1, "what is built on one release runs on that release"


def test_the_image_carries_the_libraries_that_the_programs_name(installed):
    needed = {package_of(library) for program in (installed / "bin").iterdir() for library in named_libraries(program)}
    assert dockerfile.packages(STAGES["runtime"]) == needed - IN_EVERY_DEBIAN | {"ca-certificates"}


def test_what_is_installed_is_the_programs_and_their_papers(installed):
    found = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    papers = {f"share/doc/aftercall/{name}" for name in ("LICENSE", "README.md", "CHANGELOG.md")}
    assert found == {f"bin/{program}" for program in PROGRAMS.values()} | papers


@pytest.mark.parametrize("program", PROGRAMS.values())
def test_every_program_starts_where_it_was_installed(installed, program):
    done = subprocess.run([installed / "bin" / program, "--version"], env={}, cwd="/", capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.match(r"aftercall(-\S+)? \d+\.\d+\.\d+", done.stdout)


def test_what_is_copied_exists(context):
    for name, instructions in STAGES.items():
        for word, rest in instructions:
            sources = rest.split()[:-1] if word == "COPY" and not rest.startswith("--from") else []
            assert all((context / source).exists() for source in sources), name


def test_what_is_left_of_the_sources_without_the_ignored_can_be_built(context):
    """Up to the compiler: CMake finds all that it is told of, and knows how the programs are made."""
    (made,) = [rest for word, rest in STAGES["build"] if word == "RUN" and rest.startswith("cmake")]
    configure, build, _ = made.split(" && ")
    target = build.removeprefix("cmake --build --preset release --target ")
    for command in (configure, f"ninja -C build/release -t commands {target}"):
        done = subprocess.run(command.split(), cwd=context, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    linked = set(re.findall(r" -o bin/(\S+)", done.stdout))
    assert linked == set(PROGRAMS.values())


def test_the_readiness_check_tells_ready_from_not(tmp_path):
    script = (ROOT / "deploy/compose/ready").read_text()
    for status, expected in ((200, 0), (503, 1)):
        assert ask(script, tmp_path, status) == expected
    assert ask(script, tmp_path, None) == 1, "nobody listens"


def ask(script, folder, status):
    """The script against a server that answers this once."""
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    if status is None:
        server.close()

    def answer():
        connection, _ = server.accept()
        asked = b""
        while not asked.endswith(b"\r\n\r\n"):
            asked += connection.recv(1000)
        connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
        connection.close()

    thread = threading.Thread(target=answer, daemon=True)
    if status is not None:
        thread.start()
    path = folder / "ready"
    path.write_text(script.replace("9100", str(port)))
    os.chmod(path, 0o755)
    return subprocess.run([path], capture_output=True, timeout=20).returncode
