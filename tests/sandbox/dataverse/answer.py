"""What the Web API answers: the shapes of the vendor, and the one exception that carries a refusal."""
import json

from ..answer import Answer

JSON = "application/json; odata.metadata=minimal"
BASIC = {"OData-Version": "4.0"}
THROTTLED = "Number of requests exceeded the limit of 6000 over time window of 300 seconds."
USUAL = {400: ("0x80040203", "Invalid argument."), 401: ("", "Unauthorized"),
         403: ("0x80040220", "Principal user is missing a privilege."), 404: ("0x80040217", "The row Does Not Exist"),
         408: ("", "Request Timeout"), 412: ("0x80040237", "A record with matching key values already exists."),
         413: ("", "Request Entity Too Large"), 429: ("0x80072322", THROTTLED),
         500: ("0x80040216", "An unexpected error occurred."), 503: ("0x8004a104", "The organization is disabled.")}


class Refused(Exception):
    """Raised anywhere below the service; rolls back what the request did."""

    def __init__(self, status, code, message, headers=None):
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}

    def answer(self):
        body = to_json({"error": {"code": self.code, "message": self.message}})
        return Answer(self.status, {**BASIC, "Content-Type": JSON, **self.headers}, body, code=self.code)


def error(status, code, message):
    """The vendor's form of an error, as faults.py wants it; without a code it takes the usual one."""
    usual = USUAL.get(status, ("0x80040216", "An unexpected error occurred."))
    return Refused(status, usual[0] if code is None else code, message or usual[1]).answer()


def to_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def ok(value, status=200, headers=None):
    return Answer(status, {**BASIC, "Content-Type": JSON, **(headers or {})}, to_json(value))


def no_content(url=None):
    headers = dict(BASIC)
    if url:
        headers["Location"] = headers["OData-EntityId"] = url
    return Answer(204, headers)
