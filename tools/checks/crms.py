"""No product code outside a CRM's own folder names that CRM: where two differ, a connector tells the difference by a value
(docs/adr/2026-11-21-tell-crms-apart-by-data.md). So a third one is added without looking for the `if`s of the first two.

Where a name may stand all the same:
- comments: they say which CRM a number or a rule comes from;
- tests and what they are made with (`*_test.cpp`, `test_*`, `*_for_tests.*`, golden files): they need some CRM;
- outside libs/, services/ and proto/: the simulators, the demo's tenants and what the load test answers are of one CRM each.
"""

import re

PRODUCT = re.compile(r"^(libs|services|proto)/.*(\.[ch]pp|\.in|\.proto|CMakeLists\.txt)$")
FOR_TESTS = re.compile(r"(_test\.cpp|_for_tests\.[ch]pp)$|/test_[^/]*$|/golden/")
CONNECTORS = "libs/crm/connectors/"
OTHER_NAMES = {"dynamics", "dataverse"}  # of dynamics365
COMMENTS = {"CMakeLists.txt": re.compile(r"#.*")}
COMMENT = re.compile(r"(?<!:)//.*")  # not the one in an address


def names_of(tracked):
    """Of the connectors, as their folders bear them, and what else they are called."""
    return {name.removeprefix(CONNECTORS).split("/")[0] for name in tracked if name.startswith(CONNECTORS)} | OTHER_NAMES


def problems_of(name, text, names):
    """(line, the name that stands there) for each line of a file's code that names a CRM."""
    if not PRODUCT.search(name) or FOR_TESTS.search(name) or name.startswith(CONNECTORS):
        return []
    comment = COMMENTS.get(name.rsplit("/", 1)[-1], COMMENT)
    named = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)), re.IGNORECASE)
    found = ((number, named.search(comment.sub("", line))) for number, line in enumerate(text.split("\n"), 1))
    return [(number, each[0]) for number, each in found if each]


def check(root, paths):
    names = names_of(path.relative_to(root).as_posix() for path in (root / CONNECTORS).glob("*/*"))
    return [f"{path.relative_to(root)}:{number}: names a CRM ({crm}) outside its folder: what differs is told by capabilities"
            for path in paths if path.suffix or path.name == "CMakeLists.txt"
            for number, crm in problems_of(path.relative_to(root).as_posix(), path.read_text(errors="replace"), names)]
