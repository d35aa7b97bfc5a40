"""What any of the simulated services answers."""
import dataclasses


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytes = b""
    code: str | None = None                  # the error's code, for the journal
    drip_ms: int = 0                         # the body takes this long, bit by bit
    effects: list = dataclasses.field(default_factory=list)      # (create|update|delete, table, id)


class Dropped(Exception):
    """The connection is to be cut without an answer, or in the midst of one."""

    def __init__(self, partial=None):
        super().__init__()
        self.partial = partial
