"""What is odd about a problem and was hardly meant, though it can be simulated.

The terminal says it before a run, and the run's report keeps it. One function a kind of note; what
cannot be right is not noted but refused, where it is found.
"""

from collections.abc import Callable, Iterator

from workbench.cells import CellRecipe
from workbench.engines.neuron import conduct_of
from workbench.fitting import Problem
from workbench.morphology import check_morphology
from workbench.protocols import misshapen


def notes_of(problem: Problem) -> tuple[str, ...]:
    """Return a sentence for each thing that a user should know before trusting the numbers."""
    return tuple(dict.fromkeys(note for kind in _KINDS for note in kind(problem)))


def shape_notes(recipe: CellRecipe) -> Iterator[str]:
    """Yield what is odd about a cell's shape, and about what is painted where there is nothing."""
    yield from _morphology(recipe)
    yield from _empty_regions(recipe)


def _shape(problem: Problem) -> Iterator[str]:
    yield from shape_notes(problem.recipe)


def _morphology(recipe: CellRecipe) -> Iterator[str]:
    morphology = recipe.morphology
    kinds: dict[str, list[str]] = {}
    for finding in dict.fromkeys(check_morphology(morphology)):
        if finding.severity == "note":
            kind = finding.message if finding.check == "reading" else finding.check
            kinds.setdefault(kind, []).append(finding.message)
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


def _pulses(problem: Problem) -> Iterator[str]:
    for protocol in problem.protocols:
        dt_ms = problem.integrator_of(protocol.name).dt_ms
        if dt_ms is not None and (what := misshapen(protocol.bound(), dt_ms)):
            yield (
                f"protocol {protocol.name}: with a fixed step of {dt_ms:g} ms {what}; choose a "
                "step (dt_ms) that divides it, or CVODE (cvode_atol)"
            )


def _tables(problem: Problem) -> Iterator[str]:
    for file, verdict in conduct_of(problem.recipe).verdicts:
        yield from (
            f"{file}: {table} is not used, for it does not follow them: what it holds is computed "
            "at each step"
            for table in verdict.stale_tables
        )


def _corners(problem: Problem) -> Iterator[str]:
    """Yield what steps that follow the solution can pass over."""
    integrators = {str(i): i for i in (problem.integrator_of(p.name) for p in problem.protocols)}
    for file, verdict in conduct_of(problem.recipe).verdicts:
        if not verdict.depends_on_t or verdict.announces_corners:
            continue
        for name, integrator in integrators.items():
            if integrator.dt_ms is None:
                yield (
                    f"{file} depends on {', '.join(verdict.depends_on_t)}: {name} can pass over "
                    "what begins and ends between two of its steps; a fixed step (dt_ms) sees "
                    "whatever lasts longer than itself"
                )


_KINDS: tuple[Callable[[Problem], Iterator[str]], ...] = (
    _shape,
    _pulses,
    _tables,
    _corners,
)
