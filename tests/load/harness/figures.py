"""Pure arithmetic over what was measured."""

import array


def percentile(values, share):
    """The smallest value that at least this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * share // 100) - 1))]


def times_in(content):
    """Nanoseconds for each session, 0 for none."""
    times = array.array("q")
    times.frombytes(content)
    return times


def latencies(accepted, written, first, count):
    """Milliseconds from 202 to the first write of each session that has both. A write may be there before the 202 has
    been read: that is no time at all."""
    both = ((accepted[n], written[n]) for n in range(first, min(first + count, len(accepted), len(written))))
    return [max(0, end - start) / 1e6 for start, end in both if start and end]


def per_thousand(seconds, sessions):
    return seconds * 1000 / sessions
