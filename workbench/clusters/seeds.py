"""The seeds of an array of fits."""

import re

from workbench.errors import InputError

_MOST_SEEDS = 1000
"""SLURM's own limit for the tasks of an array, unless a site has changed it."""


def seeds_of(text: str) -> tuple[int, ...]:
    """Return the seeds of `1-5` or `1,4,7-9`.

    Raises
    ------
    InputError
        If it has another form, names one twice or too many.
    """
    parts = [re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", part, re.ASCII) for part in text.split(",")]
    ranges = [range(int(p[1]), int(p[2] or p[1]) + 1) for p in parts if p is not None]
    count = sum(map(len, ranges))
    if len(ranges) < len(parts) or not all(ranges):
        raise InputError(f"--seeds {text!r} cannot be read; write 1-5 or 1,4,7-9")
    if count > _MOST_SEEDS:
        raise InputError(f"--seeds {text!r} are {count} fits; ask for at most {_MOST_SEEDS}")
    seeds = tuple(seed for each in ranges for seed in each)
    if len(set(seeds)) < count:
        raise InputError(f"--seeds {text!r} names a seed twice; each has a run folder of its own")
    return seeds
