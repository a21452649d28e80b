"""Published numbers beside ours, as `workbench reproduce` tells them, study by study."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.studies import FINER, Aim, Reproduced, Tightened

Entry = Mapping[str, Any]
"""A number as `workbench reproduce --json` prints it."""


@dataclass(frozen=True)
class Number:
    """A published number, or a short list of them, beside ours.

    Attributes
    ----------
    ours, differences
        As many as there are; the differences are ours minus the published.
    at_least
        Whether the published numbers are lower bounds.
    any_of
        Several published numbers of which one is enough; `published` is the nearest of them.
    converged
        With an integrator so fine that they move no more; None if that was not asked for.
    missed_at
        At which other tolerances the number does not hold; None if that was not asked for.
    """

    name: str
    source: str
    integrator: str
    published: tuple[float, ...]
    allowed: tuple[float, ...]
    at_least: bool
    any_of: tuple[float, ...]
    ours: tuple[float, ...]
    differences: tuple[float, ...]
    converged: tuple[float, ...] | None
    missed_at: tuple[float, ...] | None
    holds: bool
    reason: str
    refused: bool

    @property
    def verdict(self) -> str:
        """What came of it, in a word."""
        return "holds" if self.holds else "refused" if self.refused else "missed"

    @property
    def aims(self) -> tuple[str, ...]:
        """The published numbers as a reader is shown them, with what else is allowed."""
        if self.any_of:
            return (" or ".join(f"{value:.6g}" for value in self.any_of),)
        more = " or more" if self.at_least else ""
        return tuple(f"{value:.6g}{more}" for value in self.published)

    @property
    def survival(self) -> str:
        """Whether it holds at other tolerances too, in words."""
        if not self.missed_at:
            return "yes"
        return f"not at {', '.join(f'{atol:g}' for atol in self.missed_at)}"

    @property
    def distances(self) -> tuple[float, ...]:
        """The differences in units of what is allowed; infinite where nothing is.

        Nothing is to be said against more than a lower bound.
        """
        pairs = zip(self.differences, self.allowed, strict=False)
        return tuple(
            0.0 if self.at_least and difference > 0 else _ratio(difference, allowed)
            for difference, allowed in pairs
        )

    @property
    def complaint(self) -> str:
        """Why the values cannot be compared, or nothing if they can."""
        if self.reason or len(self.ours) == len(self.published):
            return self.reason
        return f"{len(self.ours)} instead of {len(self.published)} values"

    @property
    def worst(self) -> int | None:
        """Which value is farthest from the published one; None if they cannot be compared."""
        if self.complaint:
            return None
        return max(range(len(self.ours)), key=lambda i: abs(self.distances[i]))


@dataclass(frozen=True)
class StudyNumbers:
    """The numbers of one study, those of one source and integrator together."""

    study: str
    groups: Mapping[tuple[str, str], Sequence[Number]]

    @property
    def numbers(self) -> list[Number]:
        """All of them, group after group."""
        return [number for group in self.groups.values() for number in group]

    @property
    def held(self) -> int:
        """How many hold."""
        return sum(number.holds for number in self.numbers)

    @property
    def has_converged(self) -> bool:
        """Whether the converged values were asked for."""
        return any(number.converged is not None for number in self.numbers)


def by_study(entries: Sequence[Entry]) -> list[StudyNumbers]:
    """Return the numbers study by study, in the order in which each first appears."""
    found: dict[str, dict[tuple[str, str], list[Number]]] = {}
    for entry in entries:
        number = number_of(entry)
        groups = found.setdefault(entry["study"], {})
        groups.setdefault((number.source, number.integrator), []).append(number)
    return [StudyNumbers(study, groups) for study, groups in found.items()]


def entry_of(
    study: str, result: Reproduced[Aim], integrator: str, finer: Tightened | None = None
) -> dict[str, Any]:
    """Return a number of a study or an experiment as `workbench reproduce --json` prints it.

    Parameters
    ----------
    study
        The study's name, or the experiment's.
    result
        The number, from `reproduce`.
    integrator
        What integrated it, in words.
    finer
        The same with finer integrators, from `converge`, if that was asked for.
    """
    expected = result.expected
    values, tolerance = expected.nearest(result.found)
    entry = {
        "study": study,
        "name": expected.name,
        "source": expected.source,
        "integrator": integrator,
        "expected": values,
        "tolerance": tolerance,
        "at_least": expected.at_least,
        "any_of": expected.values if expected.any_of else (),
        "found": result.found,
        "difference": result.differences,
        "reason": result.reason,
        "refused": result.refused,
        "holds": result.holds,
    }
    if finer is None:
        return entry
    by_atol = zip(FINER, finer.results, strict=True)
    return entry | {
        "converged": finer.converged,
        "missed_at_cvode_atol": finer.missed_at,
        "by_cvode_atol": {f"{atol:g}": one.found for atol, one in by_atol},
    }


def refused(entries: Sequence[Entry]) -> list[str]:
    """Return a line for each thing that an engine refuses of a study, with its numbers."""
    found: dict[tuple[str, str], int] = {}
    for entry in entries:
        if entry["refused"]:
            key = entry["study"], entry["reason"]
            found[key] = found.get(key, 0) + 1
    return [
        f"{study}, {count} number{'s' * (count > 1)}: {why}"
        for (study, why), count in found.items()
    ]


def number_of(entry: Entry) -> Number:
    """Return an entry as a value."""
    converged, missed_at = entry.get("converged"), entry.get("missed_at_cvode_atol")
    return Number(
        entry["name"],
        entry["source"],
        entry["integrator"],
        tuple(entry["expected"]),
        tuple(entry["tolerance"]),
        entry["at_least"],
        tuple(entry["any_of"]),
        tuple(entry["found"]),
        tuple(entry["difference"]),
        None if converged is None else tuple(converged),
        None if missed_at is None else tuple(missed_at),
        entry["holds"],
        entry["reason"],
        entry["refused"],
    )


def _ratio(difference: float, allowed: float) -> float:
    if difference == 0:
        return 0.0
    return difference / allowed if allowed > 0 else math.copysign(math.inf, difference)
