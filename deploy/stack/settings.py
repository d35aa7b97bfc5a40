"""Writes the settings files of the services. Files are readable by their owner only."""

import json
import os

STAGES = ("matcher", "formatter", "crm_writer")
SERVICES = ("control", "ingest") + STAGES


def quoted(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {quoted(each)}" for key, each in value.items()) + " }"
    return json.dumps(str(value), ensure_ascii=False)  # a TOML basic string is a JSON string


def toml(sections):
    text = []
    for name, values in sections.items():
        text.append(f"[{name}]")
        text += [f"{key} = {quoted(value)}" for key, value in values.items()]
        text.append("")
    return "\n".join(text)


def write_private(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    os.chmod(path, 0o600)
