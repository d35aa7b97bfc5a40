"""One trace id leads from the upstream's request to the CRM's."""

from sessions import link_of, session
from waiting import wait_until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_the_trace_of_the_http_request_stands_in_the_crm_requests_and_in_every_log(pipeline):
    sent = session("traced")
    pipeline.send(sent, headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    pipeline.wait_ended("traced")

    requests = [each for each in pipeline.sandbox.requests() if each["kind"] != "signin"]
    traced = [each for each in requests if TRACE in each["headers"].get("traceparent", "")]
    read, written = ([each for each in traced if bool(changes(pipeline, each)) is wanted] for wanted in (False, True))
    assert len(read) == 1, "one batched look-up, in this trace"
    assert len(written) == 1, "one batched write, in this trace"
    assert len({each["headers"]["traceparent"] for each in traced}) == len(traced), "each request is a span of its own"
    assert len(pipeline.sandbox.notes("contoso", link_of("traced"))) == 2

    for name in ("ingest", "matcher", "formatter", "crm_writer"):
        wait_until(lambda: f"trace_id={TRACE}" in pipeline.log(name), 5, f"the trace in the log of {name}")


def changes(pipeline, request):
    """What a request changed, by itself or by the operations in it."""
    inside = [each for each in pipeline.sandbox.entries() if each["batch"] == request["seq"]]
    return [effect for each in [request, *inside] for effect in each["effects"]]


def test_a_request_without_a_trace_begins_one(pipeline):
    pipeline.send(session("untraced"))
    pipeline.wait_ended("untraced")
    traces = {each["headers"]["traceparent"].split("-")[1]
              for each in pipeline.sandbox.requests() if changes(pipeline, each)}
    assert len(traces) == 1
    trace = traces.pop()
    assert TRACE != trace and any(f"trace_id={trace}" in line and "session=untraced" in line for line in pipeline.log("ingest").splitlines())
