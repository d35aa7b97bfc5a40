"""Reads the Dockerfile: its stages, by name, each a list of (instruction, rest)."""

import json
import shlex


def instructions(text):
    joined = ""
    for line in text.splitlines():
        if line.strip().startswith("#") or (not line.strip() and not joined):
            continue
        joined += line.rstrip("\\").strip() + " "
        if not line.endswith("\\"):
            word, rest = joined.strip().split(None, 1)
            yield word.upper(), rest.strip()
            joined = ""


def stages(text):
    found = {}
    for word, rest in instructions(text):
        if word == "FROM":
            base, _, name = rest.split()
            found[name] = [("FROM", base)]
            last = found[name]
        else:
            last.append((word, rest))
    return found


def inherited(found, name):
    """All instructions that make the stage, its bases' first."""
    base = found[name][0][1]
    return (inherited(found, base) if base in found else []) + found[name]


def last(instructions_, word):
    return next((rest for found, rest in reversed(instructions_) if found == word), None)


def entrypoint(instructions_):
    return json.loads(last(instructions_, "ENTRYPOINT"))


def packages(instructions_):
    """What its apt-get lines install."""
    found = set()
    for word, rest in instructions_:
        if word != "RUN":
            continue
        for command in rest.split("&&"):
            words = shlex.split(command)
            if words[:2] == ["apt-get", "install"]:
                found.update(each for each in words[2:] if not each.startswith("-"))
    return found
