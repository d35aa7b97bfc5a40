"""Format and sizes."""

import shutil
import subprocess

LIMIT = 400  # a file explains itself at 250 lines and splits at 400


def check_sizes(root, paths):
    problems = []
    for path in paths:
        if path.suffix in (".cpp", ".hpp", ".py", ".proto") and "golden" not in path.parts:
            count = path.read_bytes().count(b"\n")
            if count > LIMIT and path.name != "control.proto":  # one API, one file, as gRPC's tools expect it
                problems.append(f"{path.relative_to(root)}: {count} lines; a file of more than {LIMIT} has more than one subject")
    return problems


def check_format(root, paths):
    sources = [str(path) for path in paths if path.suffix in (".cpp", ".hpp")]
    if not sources:
        return []
    if not shutil.which("clang-format"):
        return ["clang-format is missing: deploy/setup test installs it"]
    done = subprocess.run(["clang-format", "--dry-run", *sources], cwd=root, capture_output=True, text=True)
    badly = sorted({line.split(":")[0] for line in done.stderr.split("\n") if "-Wclang-format-violations" in line})
    return [f"{name.removeprefix(str(root) + '/')}: not formatted; clang-format -i does it" for name in badly]
