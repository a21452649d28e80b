"""How good a fit is, and why it is not better yet, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.arrays import Floats
from workbench.fitting import Parameter
from workbench.runs.summary import RunSummary
from workbench.runs.table import NEAR_SD, FeatureRow
from workbench.runs.tally import Generation

FAR_SD = 3.0
BOUND = 0.01
LISTED = 8
_STALLED = 0.01
_FEWEST_GENERATIONS = 8

Grade = Literal["near", "off", "far", "missing"]
Tone = Literal["good", "note", "bad"]


@dataclass(frozen=True)
class Finding:
    """One thing to know about a fit: a sentence, and the cases it speaks of."""

    tone: Tone
    title: str
    cases: tuple[str, ...] = ()


@dataclass(frozen=True)
class AtBound:
    """A parameter of the best individual within 1 % of a bound; `share` of the elite is, too."""

    parameter: Parameter
    value: float
    side: Literal["lower", "upper"]
    share: int


def grade(row: FeatureRow) -> Grade:
    """Return how a feature is met: near (up to 2 SD), off (up to 3 SD), far or missing."""
    if row.distance_SD is None:
        return "missing"
    if row.distance_SD <= NEAR_SD:
        return "near"
    return "off" if row.distance_SD <= FAR_SD else "far"


def positions(parameters: Sequence[Parameter], values: Floats) -> Floats:
    """Return where values, (d,), lie within their bounds, (d,), from 0 to 1 on their scale."""
    pairs = zip(parameters, values, strict=True)
    return np.array([p.to_unit(np.asarray(value)) for p, value in pairs])


def at_bounds(summary: RunSummary) -> tuple[AtBound, ...]:
    """Return the parameters of the best individual that sit on a bound."""
    if summary.best is None:
        return ()
    places = np.array([positions(summary.parameters, row.parameters) for row in summary.elite])
    found = []
    for i, parameter in enumerate(summary.parameters):
        low, high = places[:, i] <= BOUND, places[:, i] >= 1 - BOUND
        value = float(summary.best.parameters[i])
        if low[0]:
            found.append(AtBound(parameter, value, "lower", int(low.sum())))
        elif high[0]:
            found.append(AtBound(parameter, value, "upper", int(high.sum())))
    return tuple(found)


def word_for(summary: RunSummary) -> str:
    """Return what the model of a report is called."""
    return "picked" if summary.picked else "best"


def headline(table: Sequence[FeatureRow], summary: RunSummary) -> str:
    """Return in one sentence how good the fit is."""
    if not summary.evaluated:
        return "No individual has been evaluated yet."
    if summary.best is None:
        return f"All {summary.evaluated} individuals failed: there is no model to show."
    near, model = sum(grade(row) == "near" for row in table), word_for(summary)
    if near == len(table):
        return f"The {model} model meets all {near} features within {NEAR_SD:g} SD."
    return f"The {model} model meets {near} of {len(table)} features within {NEAR_SD:g} SD."


def findings(summary: RunSummary, table: Sequence[FeatureRow]) -> tuple[Finding, ...]:
    """Return what keeps a fit from being better, the most pressing first."""
    found = [_unfinished(summary)]
    if summary.best is not None:
        found += [
            _missing(table, word_for(summary)),
            _distant(table, "far"),
            _distant(table, "off"),
        ]
        found += [_bounds(summary), _late_progress(_last_stage(summary))]
    found += [_failures(summary), _lost(summary)]
    return tuple(finding for finding in found if finding is not None)


def _unfinished(summary: RunSummary) -> Finding | None:
    if summary.finished:
        return None
    advice = (
        "It was scored anew and does not go on."
        if summary.record.rescored
        else "If it no longer runs, workbench resume goes on with it."
    )
    return Finding(
        "note",
        f"The run has completed {summary.told} of {summary.planned} generations, so all of this "
        f"is preliminary. {advice}",
    )


def _missing(table: Sequence[FeatureRow], model: str) -> Finding | None:
    rows = [row for row in table if grade(row) == "missing"]
    if not rows:
        return None
    title = f"{_features(rows, 'has', 'have')} no value in the {model} model. {_reach(rows)}"
    return Finding("bad", title, _listed([f"{r.name}: {r.reason}{_nearest(r)}" for r in rows]))


def _distant(table: Sequence[FeatureRow], which: Grade) -> Finding | None:
    rows = [row for row in table if grade(row) == which]
    rows.sort(key=lambda row: -(row.distance_SD or 0.0))
    if not rows:
        return None
    where = f"more than {FAR_SD:g} SD" if which == "far" else f"{NEAR_SD:g} to {FAR_SD:g} SD"
    title = f"{_features(rows, 'lies', 'lie')} {where} from the target. {_reach(rows)}"
    cases = [f"{row.name}: {_deviation(row)}{_nearest(row)}" for row in rows]
    return Finding("bad" if which == "far" else "note", title, _listed(cases))


def _deviation(row: FeatureRow) -> str:
    """Return '4.2 SD, too high: 33 against 20 ± 3.1'."""
    distance, bias = row.distance_SD or 0.0, row.bias_SD or 0.0
    way = "too high" if bias > 0 else "too low"
    if abs(bias) < distance / 2:
        way = "values scattered around the target"
    return f"{distance:.4g} SD, {way}: {row.value:.4g} against {row.target}"


def _reach(rows: Sequence[FeatureRow]) -> str:
    """Tell targets that nobody in the run met from those that compete with other features."""
    never = sum(not _was_met(row) for row in rows)
    if never == 0:
        met = "it" if len(rows) == 1 else "each of them"
        return (
            f"Other individuals of the run met {met} within {NEAR_SD:g} SD: here features compete "
            "with one another."
        )
    whom = f"{never} of them" if never < len(rows) else "it" if len(rows) == 1 else "any of them"
    return (
        f"No individual of the run met {whom} within {NEAR_SD:g} SD: the bounds, the mechanisms "
        "or the targets may not allow it."
    )


def _was_met(row: FeatureRow) -> bool:
    return row.closest_SD is not None and row.closest_SD <= NEAR_SD


def _nearest(row: FeatureRow) -> str:
    if _was_met(row):
        return ""
    if row.closest_SD is None:
        return " (no individual of the run had a value)"
    return f" (nearest in the run: {row.closest_SD:.4g} SD)"


def _bounds(summary: RunSummary) -> Finding | None:
    found = at_bounds(summary)
    if not found:
        return None
    count = len(found)
    title = (
        f"{count} parameter{' sits' if count == 1 else 's sit'} on a bound. Widen it if physiology "
        "allows; a conductance at 0 says that the fit does without that channel."
    )
    cases = [
        f"{b.parameter.name} = {b.value:.4g}, at its {b.side} bound "
        f"{b.parameter.low if b.side == 'lower' else b.parameter.high:.4g}"
        f" ({b.share} of the {len(summary.elite)} best)"
        for b in found
    ]
    return Finding("note", title, _listed(cases))


def _last_stage(summary: RunSummary) -> Sequence[Generation]:
    """Return the generations whose sums can be compared with the last one's."""
    if not summary.stages:
        return summary.generations
    last = summary.stages[-1].stage
    begin = summary.record.search.generations - last.planned
    return [one for one in summary.generations if one.number >= begin]


def _late_progress(generations: Sequence[Generation]) -> Finding | None:
    """Compare the best before the last quarter of the generations with the best at the end."""
    quarter = len(generations) // 4
    if len(generations) < _FEWEST_GENERATIONS:
        return Finding("note", "The run is too short to tell whether a longer one would be better.")
    before, after = generations[-1 - quarter].best_so_far, generations[-1].best_so_far
    if before is None or after is None:
        return Finding("note", "The first sound individual came late: a longer run may help.")
    gain = (before - after) / before if before else 0.0
    span = f"over the last {quarter} of {len(generations)} generations"
    if gain > _STALLED:
        return Finding(
            "note",
            f"The best sum still fell by {_percent(gain)} {span}, from {before:.4g} to "
            f"{after:.4g}: a longer run may help.",
        )
    fell = f"fell by only {_percent(gain)}" if gain > 0 else "did not fall"
    return Finding(
        "note",
        f"The best sum {fell} {span} (now {after:.4g}): the search has settled. "
        "Another seed or algorithm, other bounds or fewer conflicting targets are likelier to "
        "help than a longer run.",
    )


def _failures(summary: RunSummary) -> Finding | None:
    if not summary.failed:
        return None
    share = summary.failed / summary.evaluated
    title = (
        f"{summary.failed} of {summary.evaluated} individuals failed ({_percent(share)}); they "
        "never win."
    )
    cases = [
        f"{f.count}: {f.meaning}" + (f" (for example: {f.example})" if f.example else "")
        for f in summary.failures
    ]
    return Finding("bad" if share > 0.2 else "note", title, tuple(cases))


def _lost(summary: RunSummary) -> Finding | None:
    lost = summary.pace.lost
    if not lost:
        return None
    count = sum(lost.values())
    title = (
        f"{count} attempt{'' if count == 1 else 's'} came to nothing because a worker died or took "
        "too long. What can be run again is run again, and scored as if nothing had happened."
    )
    return Finding("note", title, _listed([f"{n}: {why}" for why, n in lost.items()]))


def _features(rows: Sequence[FeatureRow], one: str, many: str) -> str:
    return f"1 feature {one}" if len(rows) == 1 else f"{len(rows)} features {many}"


def _listed(cases: Sequence[str]) -> tuple[str, ...]:
    more = len(cases) - LISTED
    return (*cases[:LISTED], f"and {more} more, see below") if more > 0 else tuple(cases)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share == 0 or share >= 0.01 else "less than 1 %"
