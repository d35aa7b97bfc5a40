"""Writes the settings files of the services. Files are readable by their owner only."""

import json
import os
import re

STAGES = ("matcher", "formatter", "crm_writer")
SERVICES = ("control", "ingest") + STAGES


def quoted(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(quoted(each) for each in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{named(key)} = {quoted(each)}" for key, each in value.items()) + " }"
    return json.dumps(str(value), ensure_ascii=False)  # a TOML basic string is a JSON string


def named(key):
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else quoted(key)


def toml(tables, above=""):
    """Each key on a line of its own, so that a mistake in it can be told by the line."""
    text = ""
    for name, values in tables.items():
        text += f"[{above}{named(name)}]\n"
        text += "".join(f"{named(key)} = {quoted(value)}\n" for key, value in values.items() if not isinstance(value, dict))
        text += "\n" + toml({key: value for key, value in values.items() if isinstance(value, dict)}, f"{above}{named(name)}.")
    return text


def write_private(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    os.chmod(path, 0o600)
