"""One chain under load: first as fast as it goes (or at a given rate), for the cost; then at half of that, for the latency."""

import dataclasses
import time

from stack.progress import Stop, step

from . import sessions
from .cost import Meter
from .figures import latencies, per_thousand, percentile, times_in
from .traffic import Sending

WARM_UP = 500  # sessions: pools filled, caches warm, Java compiled
SECONDS_OF_LATENCY = 10
UNTIL_AT_REST = 8  # seconds: a process gives back the memory that it does not need every five


@dataclasses.dataclass
class Measured:
    sessions: int
    rate: float  # sessions/s from the first request to the last write
    cpu: dict  # process -> CPU-s per 1,000 sessions
    at_start: dict  # process -> MiB when everything is ready and nothing was sent yet
    resident: dict  # process -> MiB at rest after the load
    beside: dict  # broker, CRM: CPU-s per 1,000
    crm_limit: float  # requests/s that the CRM could answer with one core
    requests: float  # to the CRM, a session
    half_rate: float
    p50: float
    p99: float
    door_refused: int
    deferred: int  # units that had to wait in event.deferred under full load


class Load:
    def __init__(self, chain, folder, template, broker, connections):
        self.chain, self.folder, self.template, self.broker, self.connections = chain, folder, template, broker, connections
        self.next = 1
        self.refused = 0

    def send(self, count, what, rate=0):
        """Seconds until all were written, and what the CRM counted meanwhile."""
        before = self.chain.crm.counts()
        sending = Sending(self.folder / f"sent-{self.next}", self.chain.door, self.template, sessions.TEMPLATES, sessions.KEY, self.next,
                          count, self.connections, rate, self.folder / "answer" if self.next == 1 else None)
        self.next += count
        took, told = sending.wait(self.chain.crm, before["sessions"], 120 + count / 20, f"{self.chain.name}, {what}")
        self.refused += told["refused"]
        after = self.chain.crm.counts()
        if after["refused"]:
            raise Stop(f"the CRM refused {after['refused']} requests; the last: {after['last_refusal']}")
        return took, {key: after[key] - before[key] for key in ("requests", "writes", "records", "bytes")}, sending

    def pids(self):
        return {**self.chain.pids(), "crm": self.chain.crm.child.pid, "broker": self.broker}

    def measure(self, count, rate=0):
        at_start = Meter(self.chain.pids()).resident()
        step(f"{self.chain.name}: warming up")
        self.send(min(WARM_UP, count), "warm-up")
        Meter(self.pids()).wait_quiet(self.chain.processes)
        step(f"{self.chain.name}: {count} sessions {f'at {rate} a second' if rate else 'as fast as they go'}")
        meter, waited = Meter(self.pids()), self.chain.deferred()
        took, counted, _ = self.send(count, "full load", rate)
        if not meter.wait_quiet(self.chain.processes):
            step(f"{self.chain.name}: still busy a minute after the last write")
        spent = {name: per_thousand(seconds, count) for name, seconds in meter.spent().items()}
        if count >= WARM_UP:  # fewer only try this tool
            step(f"{self.chain.name}: at rest")
            time.sleep(UNTIL_AT_REST)
        resident = meter.resident()
        waited = self.chain.deferred() - waited
        half = max(1, int(count / took / 2))
        few = min(count, half * SECONDS_OF_LATENCY)
        step(f"{self.chain.name}: {few} sessions at {half} a second")
        _, _, sending = self.send(few, "half load", half)
        delays = latencies(times_in(sending.accepted()), times_in(self.chain.crm.first_writes()), sending.first, few)
        crm = spent.pop("crm")
        return Measured(sessions=count, rate=count / took, beside={"broker": spent.pop("broker"), "crm": crm}, cpu=spent,
                        at_start=at_start, resident={name: resident[name] for name in self.chain.processes},
                        crm_limit=counted["requests"] / (crm * count / 1000) if crm else float("inf"), requests=counted["requests"] / count,
                        half_rate=half, p50=percentile(delays, 50), p99=percentile(delays, 99), door_refused=self.refused, deferred=waited)
