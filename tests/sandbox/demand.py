"""Refusing what a world file or the control API does not know."""


class WorldProblem(ValueError):
    pass


def demand(document, known, where):
    if not isinstance(document, dict):
        raise WorldProblem(f"{where}: must be an object")
    unknown = set(document) - known
    if unknown:
        raise WorldProblem(f"{where}: unknown: {', '.join(sorted(unknown))}")
