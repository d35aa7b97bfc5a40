"""What the API answers: its envelopes, the gateway's, and the one exception that carries a refusal."""
import json

from ..answer import Answer

JSON = "application/json; charset=utf-8"
INFO = "Please check developers.pipedrive.com"
USUAL = {400: "Bad request", 401: "unauthorized access", 402: "Company account is not open", 403: "Forbidden", 404: "Not found",
         405: "Method not allowed", 410: "Gone", 415: "Unsupported media type", 422: "Webhooks limit reached", 429: "Too many requests",
         500: "Internal server error", 501: "Not implemented", 503: "Service unavailable"}
SCHEMA, BAD = "ERR_SCHEMA_VALIDATION_FAILED", "ERR_BAD_REQUEST"


class Refused(Exception):
    """Raised anywhere below the service, before anything was changed."""

    def __init__(self, status, error, code=None, gateway=False, headers=None):
        super().__init__(error)
        self.status, self.error, self.code, self.gateway, self.headers = status, error, code, gateway, headers or {}

    def answer(self):
        body = {"success": False, "error": self.error}
        if self.gateway:
            body.update(errorCode=self.status, error_info=INFO)
        else:
            body.update({"error_info": INFO, "data": None, "additional_data": None}, **({"code": self.code} if self.code else {}))
        return Answer(self.status, {"Content-Type": JSON, **self.headers}, to_json(body), code=self.code or self.error)


def error(status, code, message):
    """The vendor's form of an error, as faults.py wants it."""
    return Refused(status, message or USUAL.get(status, "Error"), code, gateway=status in (401, 429)).answer()


def invalid(place, what):
    return Refused(400, f"Validation failed: {place}: {what}", SCHEMA)


def missing(what):
    return Refused(404, f"{what} not found")


def gateway_401():
    """For no token, a bad one, and a route that nobody knows."""
    return Refused(401, USUAL[401], gateway=True, headers={"x-401-by-gw": "true"})


def html(status, text):
    page = f"<!doctype html><html><head><title>{status}</title></head><body><h1>{text}</h1></body></html>"
    return Answer(status, {"Content-Type": "text/html; charset=utf-8"}, page.encode(), code=str(status))


def to_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def ok(data, additional=None, effects=(), status=200):
    body = {"success": True, "data": data}
    if additional is not None:
        body["additional_data"] = additional
    return Answer(status, {"Content-Type": JSON}, to_json(body), effects=list(effects))
