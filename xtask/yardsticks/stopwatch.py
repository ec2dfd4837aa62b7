"""Counts calls as `vitro bench` does, and says what they took and how much memory the process needed."""

import time

WARM_UP = 3
LEAST = 3


def quantile(ordered, fraction):
    place = fraction * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def summary(milliseconds):
    ordered = sorted(milliseconds)
    return {
        "runs": len(ordered),
        "median_ms": quantile(ordered, 0.5),
        "min_ms": ordered[0],
        "lower_quartile_ms": quantile(ordered, 0.25),
        "upper_quartile_ms": quantile(ordered, 0.75),
        "max_ms": ordered[-1],
    }


def timed(call, runs, seconds):
    """At most `runs` counted calls; after `seconds` of them no further one begins, once there are three."""

    def took():
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    warm = 0.0
    for _ in range(WARM_UP):
        warm += took()
        if warm >= seconds / 4:
            break
    counted = []
    while len(counted) < runs and (len(counted) < LEAST or sum(counted) < seconds):
        counted.append(took())
    return summary([1e3 * time for time in counted])


def peak_memory_mib():
    """The largest resident size of this process so far; None where the system does not tell."""
    try:
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return None
    return int(line.split()[1]) / 1024
