"""What is odd about a problem and was hardly meant, though it can be simulated.

The terminal says it before a run, and the run's report keeps it. One function a kind of note; what
cannot be right is not noted but refused, where it is found.
"""

from collections.abc import Callable, Iterable, Iterator

from workbench.cells import CellRecipe, overruled, suffixes_by_section
from workbench.engines import Integrator
from workbench.engines.neuron import conduct_of
from workbench.fitting import Problem
from workbench.morphology import check_morphology
from workbench.protocols import misshapen


def notes_of(problem: Problem) -> tuple[str, ...]:
    """Return a sentence for each thing that a user should know before trusting the numbers."""
    return tuple(dict.fromkeys(note for kind in _KINDS for note in kind(problem)))


def cell_notes(recipe: CellRecipe, integrators: Iterable[Integrator]) -> Iterator[str]:
    """Yield what is odd about a cell: its shape, its mechanisms, and what is painted in vain."""
    yield from _morphology(recipe)
    yield from _empty_regions(recipe)
    yield from _spineless(recipe)
    yield from _overruled(recipe)
    yield from _without_value(recipe)
    yield from _tables(recipe)
    yield from _corners(recipe, integrators)


def _cell(problem: Problem) -> Iterator[str]:
    for recipe, done in problem.cells(problem.recipe):
        yield from cell_notes(recipe, [problem.integrator_of(one.name) for one in done])


def _morphology(recipe: CellRecipe) -> Iterator[str]:
    morphology = recipe.morphology
    kinds: dict[str, list[str]] = {}
    for finding in dict.fromkeys(check_morphology(morphology, "note")):
        if finding.severity == "note":
            kind = finding.message if finding.check == "reading" else finding.check
            kinds.setdefault(kind, []).append(str(finding))
    for messages in kinds.values():
        more = f" ({len(messages) - 1} more of this kind)" if len(messages) > 1 else ""
        yield f"morphology {morphology.name}: {messages[0]}{more}"


def _empty_regions(recipe: CellRecipe) -> Iterator[str]:
    """Yield the regions in which something is painted or inserted, and where there is nothing."""
    named: dict[str, list[str]] = {}
    for region, suffix in recipe.inserted:
        named.setdefault(region, []).append(suffix)
    for paint in recipe.paint:
        named.setdefault(paint.region, []).append(paint.variable)
    for region, names in named.items():
        if not recipe.morphology.indices(region):
            what = ", ".join(dict.fromkeys(names))
            yield f"the cell has no {region} section: {what} of this region are without effect"
    for one in recipe.morphology.regions:
        if one.name not in named and not recipe.morphology.indices(one.name):
            yield f"region {one.name} holds no section of the cell"


def _spineless(recipe: CellRecipe) -> Iterator[str]:
    """Yield the spines that no section bears."""
    for one in recipe.spines:
        if not one.sections(recipe.morphology):
            thinner = f" thinner than {one.max_diameter_um:g} um" * (
                one.max_diameter_um is not None
            )
            yield f"the cell has no {one.region} section{thinner}: its spines are without effect"


def _pulses(problem: Problem) -> Iterator[str]:
    for protocol in problem.protocols:
        dt_ms = problem.integrator_of(protocol.name).dt_ms
        if dt_ms is not None and (what := misshapen(protocol.bound(), dt_ms)):
            yield (
                f"protocol {protocol.name}: with a fixed step of {dt_ms:g} ms {what}; choose a "
                "step (dt_ms) that divides it, or CVODE (cvode_atol)"
            )


def _late_events(problem: Problem) -> Iterator[str]:
    """Yield the trains of events that go on when the run has ended."""
    for protocol in problem.protocols:
        for events in protocol.bound().events:
            _, end_ms = events.window_ms()
            if end_ms > protocol.duration_ms:
                yield (
                    f"protocol {protocol.name}: {events.words()} go on after its end at "
                    f"{protocol.duration_ms:g} ms, and do nothing there"
                )


def _overruled(recipe: CellRecipe) -> Iterator[str]:
    for one in overruled(recipe):
        where = "" if one.sections == one.of else f" in {one.sections} of {one.of} sections"
        yield f"{one.paint.name} has no effect{where}: {one.why}"


def _without_value(recipe: CellRecipe) -> Iterator[str]:
    """Yield the PARAMETERs to which neither their file nor the cell gives a value."""
    carried = suffixes_by_section(recipe)
    painted = [set[str]() for _ in carried]
    for paint in recipe.paint:
        for number in recipe.morphology.indices(paint.region):
            painted[number].add(paint.variable)
    for file, verdict in conduct_of(recipe).verdicts:
        here = [number for number, suffixes in enumerate(carried) if verdict.suffix in suffixes]
        for name, line in verdict.without_default:
            if f"{name}_{verdict.suffix}" in recipe.global_values:
                continue
            bare = sum(1 for n in here if f"{name}_{verdict.suffix}" not in painted[n])
            if bare:
                where = "" if bare == len(here) else f" in {bare} of {len(here)} sections"
                yield (
                    f"{file}:{line}: PARAMETER {name} has no value, and the cell gives it none"
                    f"{where}: it is 0"
                )
            for placed in recipe.placed:
                if placed.mechanism == verdict.suffix and name not in placed.values:
                    yield (
                        f"{file}:{line}: PARAMETER {name} has no value, and place.{placed.name} "
                        "gives it none: it is 0"
                    )


def _tables(recipe: CellRecipe) -> Iterator[str]:
    for file, verdict in conduct_of(recipe).verdicts:
        yield from (
            f"{file}: {table} is not used, for it does not follow them: what it holds is computed "
            "at each step"
            for table in verdict.stale_tables
        )


def _corners(recipe: CellRecipe, integrators: Iterable[Integrator]) -> Iterator[str]:
    """Yield what steps that follow the solution can pass over."""
    following = dict.fromkeys(str(one) for one in integrators if one.dt_ms is None)
    for file, verdict in conduct_of(recipe).verdicts:
        if verdict.depends_on_t and not verdict.announces_corners:
            yield from (
                f"{file} depends on {', '.join(verdict.depends_on_t)}: {name} can pass over what "
                "begins and ends between two of its steps; a fixed step (dt_ms) sees whatever "
                "lasts longer than itself"
                for name in following
            )


_KINDS: tuple[Callable[[Problem], Iterator[str]], ...] = (_cell, _pulses, _late_events)
