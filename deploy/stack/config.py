"""The settings file of deploy/up: every mistake in it is told at once, each with its line.

What a section named after a service means, that service knows alone: it is asked by its own --check-config, on the settings
that it would get, and what it says is told with the line that the person wrote.
"""

import re
import subprocess

import tomllib

from . import secret_files, settings
from .paths import program
from .progress import Stop
from .settings import SERVICES
from .stack import Stack

KNOWN = {"allow_loopback_crm": bool, "any_ports": bool, "tenants": str}


class Config:
    def __init__(self, path):
        self.path = path
        try:
            text = path.read_text()
            self.values = tomllib.loads(text)
        except (OSError, UnicodeDecodeError) as error:
            raise Stop(f"cannot read {path}: {error}") from None
        except tomllib.TOMLDecodeError as error:
            what, line = re.fullmatch(r"(.*?)(?: \(at (?:line (\d+).*|end of document)\))?", str(error)).groups()
            raise Stop(f"{path}:{line or len(text.splitlines())}: {what}") from None
        self.lines = lines_of(text)
        self.wrongs = self._own_wrongs()  # [(line, what)]

    def tenants(self):
        return (self.path.parent / self.values["tenants"]).resolve() if "tenants" in self.values else None

    def stack(self, state):
        overrides = {name: self.values[name] for name in SERVICES if name in self.values}
        return Stack(state, self.values.get("any_ports", False), self.values.get("allow_loopback_crm", False), overrides)

    def _own_wrongs(self):
        wrongs = []
        for key, value in self.values.items():
            wrong = lambda what, *below: wrongs.append((self.lines[key, *below], what))
            if key in SERVICES and isinstance(value, dict):
                for section, inside in value.items():
                    if not isinstance(inside, dict):
                        wrong(f"{key}.{section} is no section; [{key}.NAME] holds what {key} has in its section [NAME]", section)
            elif key in SERVICES:
                wrong(f"{key} must be sections: [{key}.NAME] holds what {key} has in its section [NAME]")
            elif key not in KNOWN:
                wrong(f"{key} is no setting; there are {', '.join(KNOWN)} and sections of {', '.join(SERVICES)}")
            elif not isinstance(value, KNOWN[key]):
                wrong(f"{key} must be {'true or false' if KNOWN[key] is bool else 'a text'}")
            elif key == "tenants" and not self.tenants().is_file():
                wrong(f"tenants: there is no file {self.tenants()}")
        return wrongs

    def wrongs_by_services(self, state):
        """What the services themselves say; nothing of those that are not built."""
        draft = self.stack(state)
        draft.brokers = draft.control = "127.0.0.1:1"  # nobody is asked
        secret_files.make(draft.state / "tokens")
        wrongs = []
        for name in SERVICES:
            sections = self.values.get(name)
            if isinstance(sections, dict) and all(isinstance(each, dict) for each in sections.values()) and program(name).exists():
                wrongs += self._wrongs_by(name, draft)
        return wrongs

    def _wrongs_by(self, name, draft):
        folder = draft.state / name
        text = settings.toml(draft.sections(name, folder))
        path = folder / "check.toml"  # beside the real one: a secret's file is named from there
        settings.write_private(path, text)
        try:
            done = subprocess.run([program(name), "--config", path, "--check-config"], capture_output=True, text=True, timeout=20)
        finally:
            path.unlink()
        if done.returncode == 0:
            return []
        written = {}  # line in the settings that it would get -> line in the person's file
        for place, line in lines_of(text).items():
            if (name, *place) in self.lines:
                written[line] = self.lines[name, *place]
        wrongs = []
        for told in done.stderr.strip().splitlines():
            at = re.fullmatch(re.escape(str(path)) + r":(\d+): (.*)", told)
            line = written.get(int(at[1])) if at else None
            wrongs.append((line or self.lines[name,], f"{name}: {at[2] if at else told}"))
        return wrongs

    def stop_if(self, wrongs):
        if wrongs:
            raise Stop("\n".join(["the settings are wrong; nothing was started", *(f"{self.path}:{line}: {what}" for line, what in sorted(wrongs))]))


def lines_of(text):
    """Where each key and each section of a TOML text begins, by its path: {("matcher", "stage", "slots"): 7}."""
    rows, lines, begun = text.splitlines(keepends=True), {}, 1
    for number in range(1, len(rows) + 1):
        try:
            parsed = tomllib.loads("".join(rows[:number]))
        except tomllib.TOMLDecodeError:
            continue  # within a value of several lines
        for place in places(parsed):
            lines.setdefault(place, begun)
        begun = number + 1
    return lines


def places(table, above=()):
    for key, value in table.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from places(value, (*above, key))
