"""The arithmetic of a measurement, and the sessions that it sends."""

import array
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[3] / "deploy")]

from harness import cost, figures, sessions  # noqa: E402


def test_cpu_time_is_read_past_a_name_that_looks_like_fields():
    stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 150 25 9 9 20 0 4 0 100 1000 50"
    assert cost.cpu_seconds_in(stat) == 175 / cost.TICKS


def test_resident_memory_is_told_in_mebibytes():
    assert cost.resident_in("Name:\tx\nVmHWM:\t  9999 kB\nVmRSS:\t    2048 kB\nThreads:\t4\n") == 2


def test_a_percentile_is_a_value_that_was_measured():
    assert figures.percentile([5], 99) == 5
    assert figures.percentile(range(1, 101), 50) == 50
    assert figures.percentile(range(1, 101), 99) == 99
    assert figures.percentile([3, 1, 2], 50) == 2


def test_times_are_eight_bytes_a_session():
    assert list(figures.times_in(array.array("q", [0, 7, 9]).tobytes())) == [0, 7, 9]


def test_a_latency_needs_both_ends_and_is_never_negative():
    accepted, written = [0, 1_000_000, 5_000_000, 9_000_000, 0], [0, 3_500_000, 4_000_000, 0, 8]
    assert figures.latencies(accepted, written, 1, 10) == [2.5, 0]


def test_a_session_has_the_size_that_was_asked_for_and_is_valid_json():
    for size in (2_000, 4 * 1024, 48 * 1024):
        text = sessions.template(3, size)
        assert len(text.encode()) == size
        assert json.loads(text)["session_id"] == f"load-{sessions.PLACEHOLDER}"


def test_every_place_that_tells_sessions_apart_has_the_placeholder():
    session = json.loads(sessions.template(0, 2_000).replace(sessions.PLACEHOLDER, "00000007"))
    assert session["session_url"].endswith("load-00000007")
    assert session["participants"][1]["email"] == "guest-00000007@customer.example"


def test_templates_differ_so_that_compression_has_its_work():
    assert len({sessions.template(number, 4_096) for number in range(sessions.TEMPLATES)}) == sessions.TEMPLATES


def test_sessions_for_pipedrive_are_of_no_more_guests_than_may_be_searched_for_at_once():
    bodies = [json.loads(sessions.template(number, 2_000, "pipedrive")) for number in range(sessions.TEMPLATES)]
    assert len({body["participants"][1]["email"] for body in bodies}) == 8
    assert all(sessions.PLACEHOLDER in body["session_id"] for body in bodies)


def test_every_crm_that_may_be_measured_has_a_tenant():
    for crm in sessions.CONNECTIONS:
        text = sessions.tenants(crm, "http://127.0.0.1:1")
        assert f'crm = "{crm}"' in text and sessions.KEY in text and crm in sessions.PAYLOADS
