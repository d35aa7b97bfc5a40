"""What answering takes: the CPU of this process, and so what it could answer with a core to itself."""
import time


class Cost:
    def __init__(self):
        self.reset()

    def reset(self):
        self.requests, self.cpu, self.wall = 0, time.process_time(), time.monotonic()

    def told(self):
        cpu = time.process_time() - self.cpu
        return {"requests": self.requests, "cpu_seconds": round(cpu, 3), "wall_seconds": round(time.monotonic() - self.wall, 3),
                "requests_per_cpu_second": round(self.requests / cpu) if cpu else None}
