"""Names that say nothing, and things that the sources must not do behind the house's back."""

import re

EMPTY_NAMES = re.compile(r"\b(?:class|struct)\s+\w*(?:Manager|Helper|Util|Utils|Common|Base|Impl|Data|Info)\b")


def is_product(path):
    """A test may look again and again until a condition holds or its deadline passes."""
    return not path.startswith("tests/") and not re.search(r"(_test\.cpp|/test_\w+\.hpp)$", path)


RULES = [
    (re.compile(r"\basio::detached\b"), "a task that nobody awaits", lambda path: "libs/process/" not in path),
    (re.compile(r"\busing namespace std;"), "using namespace std", lambda path: True),
    (re.compile(r"\bstd::this_thread::sleep"), "sleeping: wait for a condition with a deadline", is_product),
    (EMPTY_NAMES, "a name that says nothing", lambda path: True),
]
PLACES = re.compile(r"\bDESIGN\b|[Hh]ouse[- ]style")  # documents that are not in the repository
FOLDERS = re.compile(r"(?:^|/)(?:common|utils?|helpers?|misc)(?:/|$)")


def check(root, paths):
    problems = []
    for path in paths:
        name = str(path.relative_to(root))
        if FOLDERS.search(name):
            problems.append(f"{name}: a folder that says nothing")
        text = path.read_text(errors="replace") if path.suffix in (".cpp", ".hpp", ".cmake", ".md", ".py") else ""
        if name != "tools/checks/words.py" and PLACES.search(text):
            problems.append(f"{name}: refers to a document that is not here")
        if path.suffix not in (".cpp", ".hpp"):
            continue
        for number, line in enumerate(path.read_text(errors="replace").split("\n"), 1):
            code = line.split("//")[0]
            for pattern, what, applies in RULES:
                if applies(name) and pattern.search(code):
                    problems.append(f"{name}:{number}: {what}")
    return problems
