"""Writes the settings files of the services, and the secrets that they share. Files are readable by their owner only."""

import json
import os
import secrets

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


def make_secrets(state):
    """Bearer tokens with their roles, and the key that seals what control stores; made once, kept for the next start."""
    tokens = state / "tokens"
    if not (tokens / "tokens.toml").exists():
        text = []
        for role in ("admin", "operator", "viewer", "stage"):
            token = secrets.token_urlsafe(32)
            write_private(tokens / role, token)
            text.append(f'[[token]]\nname = "{role}"\nrole = "{role}"\ntoken = {{ file = "{role}" }}\n')
        write_private(tokens / "tokens.toml", "\n".join(text))
        write_private(tokens / "keys.toml", f'[[key]]\nid = "1"\nkey = "{secrets.token_hex(32)}"\n')
    return tokens
