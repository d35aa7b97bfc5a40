"""A raw query string → OData's system query options, or the reason why it is refused."""
from urllib.parse import unquote_to_bytes

KNOWN = ("$filter", "$select", "$expand", "$orderby", "$top", "$count", "$skiptoken")


class OptionProblem(ValueError):
    pass


def decode(text):
    """As .NET does it: a bare + is a space."""
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError:
        raise OptionProblem("The query is not valid UTF-8.") from None


def split(raw):
    """→ (options, aliases), both name → text. Names are case-sensitive; nothing unknown passes."""
    options, aliases = {}, {}
    for pair in raw.split("&") if raw else ():
        if not pair:
            continue
        name, equals, value = pair.partition("=")
        name, value = decode(name), decode(value)
        if name in options or name in aliases:
            raise OptionProblem(f"Query option '{name}' was specified more than once, but it must be specified at most once.")
        if name.startswith("@"):
            aliases[name] = value
        elif name in KNOWN and equals:
            options[name] = value
        else:
            raise OptionProblem(f"The query parameter '{name}' is not supported.")
    return options, aliases


def natural(options, name):
    """A whole number ≥ 0, or None if the option is absent."""
    if name not in options:
        return None
    text = options[name]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise OptionProblem(f"Invalid value '{text}' for {name} query option found. The {name} query option requires a "
                            f"non-negative integer value.")
    return int(text)
