"""The coroutine patterns that GCC 12 compiles wrongly (found by AddressSanitizer): one co_await a statement, its value named
on a line of its own; no braces, no ?: and no capturing lambda in that statement; no capturing coroutine lambda."""

import re

COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
CAPTURE = re.compile(r"(?<![\w\])])\[\s*(?:[&=]|\w)[^\[\]]*\]\s*(?:\([^()]*\))?\s*(?:mutable\s*)?(?:->\s*[\w:<>]+\s*)?\{")
PLAIN_LAMBDA = re.compile(r"\[\s*\]\s*(?:\([^()]*\))?\s*(?:->\s*[\w:<>]+\s*)?$")
COROUTINE_LAMBDA = re.compile(r"(?<![\w\])])\[\s*[^\]\s][^\[\]]*\]\s*\([^()]*\)\s*(?:mutable\s*)?->\s*(?:\w+::)*awaitable\b")
BLOCK_BEFORE_BRACE = re.compile(r"(?:\)|\belse|\bdo|\btry|\bconst|\bnoexcept|\bmutable|\boverride|>|\bvoid|;|\{|\}|:|^)\s*$")


def blanked(text):
    """Comments and literals become blanks, so that offsets and lines stay."""
    return COMMENT_OR_TEXT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def is_block(text, brace):
    before = text[:brace].rstrip()
    if before.endswith(">"):  # "-> awaitable<void> {" opens a block, "vector<int>{" does not
        return "->" in before[before.rfind(";") + 1 :].split("{")[-1]
    return bool(BLOCK_BEFORE_BRACE.search(before))


def start_of_statement(text, at):
    """Walks back to where the statement begins; answers (start, whether a value's brace was crossed)."""
    depth, inside_value, i = 0, False, at - 1
    while i >= 0:
        char = text[i]
        if char in ")]":
            depth += 1
        elif char in "([":
            depth -= 1
        elif char == ";" and depth <= 0:
            # the semicolons of for (a; b; c) belong to the loop's head, whose parenthesis is still open
            break
        elif char == "}" and depth <= 0:
            opening = opening_of(text, i)
            if is_block(text, opening):
                break
            i = opening  # an initialiser that was closed again: part of this statement
        elif char == "{" and depth <= 0:
            if is_block(text, i):
                break
            inside_value = True
        i -= 1
    return i + 1, inside_value


def opening_of(text, closing):
    depth = 0
    for i in range(closing, -1, -1):
        depth += {"}": 1, "{": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return 0


def end_of_statement(text, at):
    """To the semicolon, or to the parenthesis that encloses the expression; answers (end, whether a brace came first)."""
    depth, skip_to = 0, 0
    for i in range(at, len(text)):
        char = text[i]
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
            if depth < 0:
                return i, False
        elif char == "{" and i >= skip_to:
            if not PLAIN_LAMBDA.search(text[at:i]):
                return i, True
            skip_to = closing_of(text, i)  # a lambda without captures is harmless, and so is what it does
        elif char == ";" and depth == 0 and i >= skip_to:
            return i, False
    return len(text), False


def problems_of(source):
    """(line, what) for each bad pattern."""
    text = blanked(source)
    found = []
    seen = {}
    for each in re.finditer(r"\bco_await\b", text):
        start, in_value = start_of_statement(text, each.start())
        end, brace = end_of_statement(text, each.end())
        line = text.count("\n", 0, each.start()) + 1
        statement = text[start:end]
        if start in seen and not re.match(r"\s*(else\s+)?(if|while|for|switch)\b", statement):
            found.append((line, "two co_await in one statement: name each value on a line of its own"))
        seen[start] = line
        if in_value or brace:
            found.append((line, "braces in a statement with co_await: name the value on the line above"))
        if "?" in statement:
            found.append((line, "?: in a statement with co_await: use if"))
        if CAPTURE.search(text[start : min(len(text), end + 1)]):
            found.append((line, "a capturing lambda in a statement with co_await: name it on the line above"))
    for each in COROUTINE_LAMBDA.finditer(text):
        body = text[each.end() : closing_of(text, each.end())]
        if re.search(r"\bco_(await|return|yield)\b", body):
            found.append((text.count("\n", 0, each.start()) + 1, "a coroutine lambda with captures: they die before it does; make it a function"))
    return found


def closing_of(text, at):
    depth = 0
    for i in range(text.find("{", at), len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return len(text)


def check(root, paths):
    problems = []
    for path in paths:
        if path.suffix in (".cpp", ".hpp"):
            for line, what in problems_of(path.read_text(errors="replace")):
                problems.append(f"{path.relative_to(root)}:{line}: {what}")
    return problems
