"""What the Web API answers: the three shapes of the vendor, and the one exception that carries a refusal."""
import dataclasses
import json

JSON = "application/json; odata.metadata=minimal"
BASIC = {"OData-Version": "4.0"}


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict = dataclasses.field(default_factory=lambda: dict(BASIC))
    body: bytes = b""
    code: str | None = None                  # the error's code, for the journal
    effects: list = dataclasses.field(default_factory=list)      # (create|update|delete, table, id)


class Refused(Exception):
    """Raised anywhere below the service; rolls back what the request did."""

    def __init__(self, status, code, message, headers=None):
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}

    def answer(self):
        body = to_json({"error": {"code": self.code, "message": self.message}})
        return Answer(self.status, {**BASIC, "Content-Type": JSON, **self.headers}, body, code=self.code)


def to_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def ok(value, status=200, headers=None):
    return Answer(status, {**BASIC, "Content-Type": JSON, **(headers or {})}, to_json(value))


def no_content(url=None):
    headers = dict(BASIC)
    if url:
        headers["Location"] = headers["OData-EntityId"] = url
    return Answer(204, headers)
