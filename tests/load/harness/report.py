"""What is printed in the end."""

import pathlib
import platform
import subprocess

from stack import table

from .chain import STAGES, Floor


def machine():
    model = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "?")
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) / 1048576
    cores = pathlib.Path("/proc/cpuinfo").read_text().count("processor\t")
    return f"{cores} x {model}, {memory:.0f} GiB, Linux {platform.release().split('-')[0]}"


def load_average():
    return pathlib.Path("/proc/loadavg").read_text().split()[0]


def build_type(build):
    lines = (build / "CMakeCache.txt").read_text().splitlines()
    kind = next(line.split("=")[1] for line in lines if line.startswith("CMAKE_BUILD_TYPE"))
    compiler = subprocess.run(["c++", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    return f"{kind}, g++ {compiler}"


def number(value, digits=3):
    return f"{value:.{digits}f}"


def ratio(ours, floor):
    return f"{ours / floor:.1f}x" if floor else "-"


def cost_rows(ours, floor):
    rows = []
    for name, like in Floor.like.items():
        rows.append([name, number(ours.cpu[name]), number(floor.cpu[like]), ratio(ours.cpu[name], floor.cpu[like]),
                     number(ours.at_start[name], 0), number(ours.resident[name], 0), number(floor.resident[like], 0)])
    for what, names in (("four stages", STAGES), ("all", list(Floor.like))):
        mine, least = sum(ours.cpu[name] for name in names), sum(floor.cpu[Floor.like[name]] for name in names)
        rows.append([what, number(mine), number(least), ratio(mine, least), number(sum(ours.at_start[name] for name in names), 0),
                     number(sum(ours.resident[name] for name in names), 0), ""])
    for name in ("broker", "crm"):
        rows.append([f"({name})", number(ours.beside[name]), number(floor.beside[name]), "", "", "", ""])
    return rows


def load_rows(ours, floor):
    both = lambda what, form: [what, form(ours), form(floor)]
    return [
        both("sessions/s, first request to last write", lambda each: number(each.rate, 0)),
        both("CRM requests a session", lambda each: number(each.requests, 2)),
        both("p50 ms, 202 to first write, at half load", lambda each: number(each.p50, 1)),
        both("p99 ms, 202 to first write, at half load", lambda each: number(each.p99, 1)),
        both("sessions/s at half load", lambda each: number(each.half_rate, 0)),
        both("requests/s that the CRM could answer with a core", lambda each: number(each.crm_limit, 0)),
        both("requests/s that it was asked", lambda each: number(each.rate * each.requests, 0)),
        both("units deferred under full load", lambda each: str(each.deferred)),
        both("answers of the door other than 202", lambda each: str(each.door_refused)),
    ]


def text(ours, floor, hops, settings):
    lines = [f"{name + ':':<10} {value}" for name, value in settings.items()]
    lines += ["", f"CPU-s per 1,000 sessions (user + system), over {ours.sessions} sessions; resident MiB before and after them"]
    lines += table.lines(["process", "ours", "floor", "ratio", "MiB before", "after", "floor after"], cost_rows(ours, floor))
    lines += [""] + table.lines(["load", "ours", "floor"], load_rows(ours, floor))
    lines += [""] + table.lines(["topic", "records a session", "bytes a session"], [[name, each["records"], each["bytes"]] for name, each in hops.items()])
    return "\n".join(lines)
