"""Who runs, and which ports are open: read from /proc, whatever our own files say."""

import os
import pathlib
import socket


def processes_in(state):
    """Who runs with this folder as its own, or as an argument."""
    found = []
    for each in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if str(state) in os.readlink(each / "cwd") or str(state).encode() in (each / "cmdline").read_bytes():
                found.append((each / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def stat(pid):
    """[state, parent, group, session, ...] of a process."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []


def all_pids():
    return [int(each.name) for each in pathlib.Path("/proc").glob("[0-9]*")]


def child_of(parent):
    return next(pid for pid in all_pids() if stat(pid)[1:2] == [str(parent)])


def in_session(leader):
    return [pid for pid in all_pids() if stat(pid)[3:4] == [str(leader)] and stat(pid)[:1] != ["Z"]]


def open_ports(ports):
    found = []
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                found.append(port)
    return found


def ports_of(state):
    """Every port that the stack in this folder listens on, by what the processes wrote."""
    ports = [int(path.read_text()) for path in state.glob("*/*.port")]
    ports += [int((state / "kafka" / "bootstrap").read_text().rsplit(":", 1)[1])]
    log = [line for path in state.glob("sandbox/log") for line in path.read_text().splitlines()]
    return ports + [int(line.rsplit(":", 1)[1]) for line in log if "listening on" in line]
