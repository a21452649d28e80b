"""A problem of BluePyOpt's, of whichever family of files, and its tables in a study."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import InputError, unknown
from workbench.imports.bluepyopt.expressions import our_expression
from workbench.imports.study import Imported
from workbench.morphology import REGIONS

_DENDRITES = ("basal", "apical")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "alldend": _DENDRITES,
    "somadend": ("somatic", *_DENDRITES),
    "allnoaxon": ("somatic", *_DENDRITES),
    "somaxon": ("somatic", "axonal"),
    "allact": ("somatic", *_DENDRITES, "axonal"),
}
"""Regions by the names that BluePyEModel has for groups of section lists."""

_CONDITIONS = {"celsius": "celsius_degC", "v_init": "v_init_mV"}
_INTO_SOMA = "soma(0.5)"

Given = float | str | Sequence[float]
"""A number is fixed, an expression is tied to others, a pair is free."""


@dataclass(frozen=True)
class Painted:
    """A parameter of a section list: a value or a tie, or bounds; and a distance scaler's text."""

    name: str
    sections: str
    value: float | str | None = None
    bounds: tuple[float, float] | None = None
    distribution: tuple[str, str] | None = None


@dataclass(frozen=True)
class Problem:
    """What the files say.

    Attributes
    ----------
    file
        The one with the parameters, for messages.
    mechanisms
        The folder of the .mod files; none of NEURON's own mechanisms alone.
    inserted
        Pairs of a section list and a suffix.
    conditions
        `global` parameters; a pair is free.
    protocols, targets, score
        Tables of a study.
    groups
        Regions by the names of groups of section lists.
    regions
        Further regions of the study, as cell.toml has them.
    constants
        By distribution: the names in its text besides value and distance; a pair is free.
    shape
        What `[morphology]` says besides the file.
    segments
        Rules of regions with other segments than the rest.
    """

    name: str
    file: Path
    morphology: Path
    mechanisms: Path | None
    inserted: Sequence[tuple[str, str]]
    painted: Sequence[Painted]
    conditions: Mapping[str, Given]
    protocols: Mapping[str, Any]
    targets: Mapping[str, Any]
    score: Mapping[str, Any]
    done: Sequence[str] = ()
    unsaid: Sequence[str] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: GROUPS)
    regions: Mapping[str, Any] = field(default_factory=dict)
    constants: Mapping[str, Mapping[str, Given]] = field(default_factory=dict)
    shape: Mapping[str, Any] = field(default_factory=lambda: {"axon": "stub"})
    segments: Mapping[str, Any] = field(default_factory=dict)


def step(
    amplitude_nA: float | str, delay_ms: float, duration_ms: float, site: str = _INTO_SOMA
) -> dict[str, Any]:
    """Return a square pulse, into the middle of the soma unless another site is given.

    Its amplitude may be the name of a parameter of the protocol.
    """
    return {
        "type": "step",
        "site": site,
        "delay_ms": delay_ms,
        "duration_ms": duration_ms,
        "amplitude_nA": amplitude_nA,
    }


def ramp(
    from_nA: float, to_nA: float, delay_ms: float, duration_ms: float, site: str = _INTO_SOMA
) -> dict[str, Any]:
    """Return a ramp, into the middle of the soma unless another site is given."""
    times = {"delay_ms": delay_ms, "duration_ms": duration_ms}
    return {"type": "ramp", "site": site, **times, "from_nA": from_nA, "to_nA": to_nA}


def to_study(problem: Problem) -> Imported:
    """Return the problem as a study.

    Raises
    ------
    InputError
        If the study would be another problem.
    """
    named = [*(one.sections for one in problem.painted), *(part for part, _ in problem.inserted)]
    groups = {n: list(_parts(problem, n)) for n in dict.fromkeys(named)}
    groups = {n: parts for n, parts in groups.items() if n in problem.groups}
    regions = {**problem.regions, **groups}
    parameters, distributions = _parameters(problem)
    segments = {"max_length_um": 40.0, **problem.segments}
    cell = {
        "conditions": {**_conditions(problem), "segments": segments},
        "morphology": {"file": problem.morphology, **problem.shape},
        **({"regions": regions} if regions else {}),
        "mechanisms": {
            "folders": [] if problem.mechanisms is None else [problem.mechanisms],
            "insert": _inserted(problem),
        },
        **({"distributions": distributions} if distributions else {}),
        "parameters": {**parameters, **_globals(problem)},
    }
    return Imported(
        "bluepyopt",
        problem.name,
        f"{problem.name}, a problem of BluePyOpt's",
        "",
        str(problem.file.resolve()),
        cell,
        problem.protocols,
        problem.targets,
        integrator={"cvode_atol": 1e-3},
        score=problem.score,
        done=[*_DONE, *problem.done],
        unsaid=problem.unsaid,
    )


_DONE = (
    "Sections are cut into 1 + 2 int(L / 40 um) segments, and the axon is replaced by BluePyOpt's "
    "stub, as both of its examples ask for; the files do not say so.",
    "CVODE at NEURON's own tolerance of 1e-3, as BluePyOpt's simulator leaves it. For a fixed step "
    "write `dt_ms = 0.025` in study.toml.",
    "Currents go into soma(0.5), and `soma` is recorded there.",
)


def _conditions(problem: Problem) -> dict[str, Given]:
    for name in _CONDITIONS:
        if name not in problem.conditions:
            raise InputError(f"{problem.file}: the global parameter {name} is missing")
        if isinstance(problem.conditions[name], Sequence):
            raise InputError(
                f"{problem.file}: {name}: a global parameter that is free; give a value"
            )
    return {ours: problem.conditions[theirs] for theirs, ours in _CONDITIONS.items()}


def _globals(problem: Problem) -> dict[str, dict[str, Given]]:
    """Return the table of GLOBALs of mechanisms, if there are any."""
    given = {name: one for name, one in problem.conditions.items() if name not in _CONDITIONS}
    return {"global": given} if given else {}


def _inserted(problem: Problem) -> dict[str, list[str]]:
    inserted: dict[str, list[str]] = {}
    for sections, suffix in dict.fromkeys(problem.inserted):
        inserted.setdefault(sections, []).append(suffix)
    return inserted


def _parts(problem: Problem, sections: str) -> tuple[str, ...]:
    """Return the regions of a section list, or `all`."""
    known: dict[str, tuple[str, ...]] = {"all": REGIONS, **problem.groups}
    known |= {region: (region,) for region in (*REGIONS, *problem.regions)}
    if sections not in known:
        raise InputError(f"{problem.file}: {unknown('section list', sections, known)}")
    return () if sections == "all" else known[sections]


def _parameters(problem: Problem) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Return the tables `parameters` and `distributions`."""
    parameters: dict[str, dict[str, Any]] = {}
    distributions: dict[str, Any] = {}
    for one in problem.painted:
        entry = _entry(problem, one, distributions)
        if one.name in parameters.setdefault(one.sections, {}):
            raise InputError(
                f"{problem.file}: {one.name}.{one.sections} is set twice; leave out the first, "
                "which has no effect"
            )
        parameters[one.sections][one.name] = entry
    return {sections: parameters[sections] for sections in _order(problem)}, distributions


def _order(problem: Problem) -> list[str]:
    """Return the section lists in an order in which the later one wins as in BluePyOpt.

    That of the free parameters, whose columns users know, if it is one; else that of the file.
    """
    free = [one.sections for one in problem.painted if one.bounds]
    listed = list(dict.fromkeys(one.sections for one in problem.painted))
    behind = [sections for sections in listed if sections not in free]
    orders = (["all", *free, *behind], [*behind, *free], listed)
    for order in orders:
        found = [sections for sections in dict.fromkeys(order) if sections in listed]
        if not any(_turned(problem, found)):
            return found
    name = next(_turned(problem, listed))
    raise InputError(
        f"{problem.file}: {name} is set over one that came before it in a list whose other "
        "parameters come later; put the parameters of each section list together"
    )


def _turned(problem: Problem, order: Sequence[str]) -> Iterator[str]:
    """Yield the parameters that another one of their name would win over in this order."""
    rank = {sections: number for number, sections in enumerate(order)}
    for number, late in enumerate(problem.painted):
        for early in problem.painted[:number]:
            if early.name == late.name and rank[early.sections] > rank[late.sections]:
                these, those = (set(_parts(problem, one.sections)) for one in (early, late))
                if not (these and those) or these & those:
                    yield f"{late.name}.{late.sections}"


def _entry(problem: Problem, one: Painted, distributions: dict[str, Any]) -> Any:
    """Return a parameter as cell.toml has it; its distribution is added to those there are."""
    key = "value" if one.bounds is None else "bounds"
    value = one.value if one.bounds is None else list(one.bounds)
    if one.distribution is None:
        return value
    name, text = one.distribution
    constants = problem.constants.get(name, {})
    try:
        expression: Any = our_expression(name, text, constants)
    except InputError as error:
        raise InputError(f"{problem.file}: {one.name}.{one.sections}: {error}") from None
    if constants:
        expression = {"expression": expression, "parameters": constants}
    free_names = (n for n in _names(name) if distributions.get(n, expression) == expression)
    distributions[name := next(free_names)] = expression
    return {key: value, "distribution": name}


def _names(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1
