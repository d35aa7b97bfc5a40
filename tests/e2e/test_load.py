"""tests/load/run works for each CRM: a few sessions through everything, and a table in the end. Its figures mean nothing here."""

import json
import subprocess

import pytest
from processes import processes_in
from stack.paths import ROOT


@pytest.mark.parametrize("crm", ["dynamics365", "pipedrive"])
def test_a_small_run_measures_every_process_and_leaves_none(crm, tmp_path):
    figures = tmp_path / "figures.json"
    command = [ROOT / "tests" / "load" / "run", "--sessions", "100", "--crm", crm, "--size", "4k", "--state", tmp_path / "load", "--json", figures]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=140)
    assert done.returncode == 0, done.stdout + done.stderr
    measured = json.loads(figures.read_text())[crm]["4k"]
    assert set(measured["ours"]["cpu"]) == {"ingest", "matcher", "formatter", "crm_writer", "control"}
    assert measured["floor"]["requests"] == 2
    assert 2 <= measured["ours"]["requests"] < 2.2, "a look and a write a session; a search may be added for each of a few guests"
    assert measured["hops"]["delivery.ledger.v1"]["records"] == 3
    assert "CPU-s per 1,000 sessions" in done.stdout
    assert processes_in(tmp_path) == []
