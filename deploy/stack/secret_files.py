"""Makes the secrets that the processes of an installation share; once, and kept for the next start.

    python3 -m stack.secret_files FOLDER [--tls NAME...] [--owner UID]
"""

import argparse
import os
import pathlib
import secrets
import subprocess

from .settings import write_private

ROLES = ("admin", "operator", "viewer", "stage")


def make(folder):
    """Bearer tokens with their roles, and the key that seals what control stores."""
    if (folder / "tokens.toml").exists():
        return
    text = []
    for role in ROLES:
        token = secrets.token_urlsafe(32)
        write_private(folder / role, token)
        text.append(f'[[token]]\nname = "{role}"\nrole = "{role}"\ntoken = {{ file = "{role}" }}\n')
    write_private(folder / "keys.toml", f'[[key]]\nid = "1"\nkey = "{secrets.token_hex(32)}"\n')
    write_private(folder / "tokens.toml", "\n".join(text))


def make_certificate(folder, names):
    """A certificate of our own for control, which speaks plain text on loopback only. It is its own authority."""
    if (folder / "control.pem").exists():
        return
    alternatives = ",".join(f"DNS:{name}" for name in names)
    old = os.umask(0o077)
    try:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "825", "-subj", f"/CN={names[0]}", "-addext", f"subjectAltName={alternatives}",
                        "-keyout", folder / "control.key", "-out", folder / "control.new"],
                       check=True, capture_output=True, text=True)
    finally:
        os.umask(old)
    (folder / "control.new").rename(folder / "control.pem")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--tls", nargs="+", metavar="NAME", help="also a certificate for these host names")
    parser.add_argument("--owner", type=int, metavar="UID", help="whose the files are; needs root")
    options = parser.parse_args()
    make(options.folder)
    if options.tls:
        make_certificate(options.folder, options.tls)
    if options.owner is not None:
        for path in (options.folder, *options.folder.iterdir()):
            os.chown(path, options.owner, options.owner)


if __name__ == "__main__":
    main()
