"""The sign-in service's refusals: number → OAuth error and status. The vendor says that numbers may change; so may this table."""
import datetime
import uuid

ERRORS = {
    700082: "invalid_grant", 70008: "invalid_grant", 50173: "invalid_grant", 70000: "invalid_grant", 50089: "invalid_grant",
    50078: "invalid_grant", 70043: "invalid_grant", 54005: "invalid_grant", 501481: "invalid_grant", 50148: "invalid_grant",
    50147: "invalid_grant", 65001: "invalid_grant", 50057: "invalid_grant", 500112: "invalid_grant",
    50076: "interaction_required", 50079: "interaction_required", 50158: "interaction_required", 53003: "interaction_required",
    65004: "access_denied",
    7000215: "invalid_client", 7000222: "invalid_client", 7000218: "invalid_client", 70002: "invalid_client",
    700016: "unauthorized_client", 70001: "unauthorized_client", 700011: "unauthorized_client",
    500011: "invalid_resource", 650057: "invalid_resource", 50001: "invalid_resource",
    90002: "invalid_request", 50011: "invalid_request", 900144: "invalid_request", 90013: "invalid_request",
    28003: "invalid_request", 70011: "invalid_scope", 70003: "unsupported_grant_type",
    90006: "server_error", 90012: "temporarily_unavailable", 90024: "temporarily_unavailable", 50033: "temporarily_unavailable",
    50087: "temporarily_unavailable", 40010: "temporarily_unavailable", 50196: "invalid_request",
}
STATUS = {"invalid_client": 401, "server_error": 500, "temporarily_unavailable": 503}


class Declined(Exception):
    def __init__(self, number, message):
        super().__init__(message)
        self.number, self.message = number, message
        self.error = ERRORS.get(number, "invalid_request")
        self.status = STATUS.get(self.error, 400)

    def body(self):
        trace, correlation = uuid.uuid4(), uuid.uuid4()
        stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")
        return {"error": self.error,
                "error_description": f"AADSTS{self.number}: {self.message} Trace ID: {trace} Correlation ID: {correlation} "
                                     f"Timestamp: {stamp}",
                "error_codes": [self.number], "timestamp": stamp, "trace_id": str(trace), "correlation_id": str(correlation)}
