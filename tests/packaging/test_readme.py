"""README.md's tables of what Aftercall stands on, held against deploy/setup."""

import re
import subprocess

from stack.paths import ROOT

PACKAGES = 2


def rows():
    """The cells of each line of the tables that have a column of packages."""
    within = False
    for line in (ROOT / "README.md").read_text().splitlines():
        cells = [each.strip() for each in line.strip("|").split("|")]
        if not line.startswith("|"):
            within = False
        elif len(cells) == 4 and cells[PACKAGES] == "packages":
            within = True
        elif within and set(line) != {"|", "-"}:
            yield cells


def test_the_tables_name_every_package_that_setup_installs_once_and_no_other():
    installed = subprocess.run([ROOT / "deploy/setup", "--list"], capture_output=True, text=True, check=True).stdout.split()
    named = [package for cells in rows() for package in cells[PACKAGES].split() if not re.search(r"[(,)]", cells[PACKAGES])]
    assert sorted(named) == sorted(installed)


def test_each_has_a_licence_and_a_reason():
    found = list(rows())
    assert len(found) > 20
    assert [cells for cells in found if len(cells) != 4 or not all(cells)] == []
