"""What the mechanisms of a cell keep an integrator from, and what they carry from run to run."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from workbench.cells import CellRecipe, wired
from workbench.engines.job import Integrator
from workbench.engines.neuron.adaptive import OTHERWISE
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet, Verdict, judge

_ADAPTIVE = (
    "adaptive steps cannot advance {file}, which holds {what}: a step that was too long is taken "
    "back, and only what stands in STATE and has an equation would come back with it. Rewrite it, "
    + OTHERWISE
)
_EXPLICIT = (
    "adaptive steps cannot advance {file}, which holds {what}: an explicit method is stable for "
    "short steps only, and right for shorter ones. Use cnexp, derivimplicit or sparse, " + OTHERWISE
)
_TIMED = (
    "adaptive steps cannot advance {file}, which depends on {what} itself: a step that follows "
    "the voltage passes over what begins and ends within it. Use a stimulus of the protocol, "
    + OTHERWISE
)
_CVODE = (
    "CVODE cannot advance {file}, which holds {what}: it advances what has an equation in a "
    "DERIVATIVE or KINETIC block, in steps of its own. Write one, or choose a fixed step (dt_ms)"
)
_CORENEURON = (
    "CoreNEURON cannot run {file}, which changes the GLOBAL {what}: the next run in this process "
    "would begin with what CoreNEURON's own copy has become. Make it a RANGE variable, or choose "
    "engine = 'neuron'"
)
_PROCESS = (
    "{file} (mechanism {suffix}) changes {what}: the next run in this process would begin with "
    "what it has become, and nobody can put it back. Use ASSIGNED variables for what a run changes "
    "and RANDOM for random numbers; what is computed once and for all may be accepted "
    "(`: lint: accept RULE - REASON`, RULE being file-level-local or verbatim-static)"
)
_OWN_EVENTS = (
    "adaptive steps cannot advance {file}, which holds {what}: a step ends at the events of the "
    "protocol, which are known before, and at no others. Rewrite it, " + OTHERWISE
)
_UNSET = (
    "{file} (mechanism {suffix}) reads {what}, and nothing here sets it: NEURON would end the "
    "process, or each run. Say what a POINTER reads under [pointers.{suffix}] of cell.toml, by the "
    "name of what is placed if it is a point process; read a variable of an ion (USEION), compute "
    "it in the file (a FUNCTION, a RANGE variable), or leave the mechanism out"
)
_WIRED = (
    "CoreNEURON cannot run {file}, whose POINTER {what} reads a variable of elsewhere: nobody has "
    "shown that it does there. Choose engine = 'neuron'"
)


@dataclass(frozen=True)
class Conduct:
    """The verdicts on the mechanisms of a cell, with their files.

    Attributes
    ----------
    verdicts
        On those that are inserted or placed.
    switches
        The GLOBALs, by their name in NEURON, with which TABLEs are turned off that do not follow
        what they depend on. Those of mechanisms that the cell has not are among them: CoreNEURON
        takes GLOBALs once for all runs of a process.
    wired
        Suffix and name of the POINTERs that are set wherever their mechanism is.
    """

    verdicts: tuple[tuple[Path, Verdict], ...]
    switches: tuple[str, ...] = ()
    wired: frozenset[tuple[str, str]] = frozenset()

    @cached_property
    def remembers(self) -> bool:
        """Whether segments carry anything but STATEs into their next run."""
        return any(verdict.remembers for _, verdict in self.verdicts)

    @cached_property
    def put_back(self) -> tuple[tuple[str, float], ...]:
        """GLOBALs to be put back before each run, with their declared values."""
        return tuple(one for _, verdict in self.verdicts for one in verdict.put_back)

    def during(self, recipe: CellRecipe) -> dict[str, float]:
        """Return the GLOBALs that a run alone has: the cell's own, and switches of TABLEs."""
        own = {name: value for name, value in recipe.global_values.items() if value is not None}
        switched = (
            f"usetable_{verdict.suffix}"
            for _, verdict in self.verdicts
            if any(f"{name}_{verdict.suffix}" in own for name in verdict.fixed_in_tables)
        )
        return {**dict.fromkeys((*self.switches, *switched), 0.0), **own}

    @cached_property
    def first_order(self) -> tuple[str, ...]:
        """Mechanisms whose own steps are of first order."""
        return tuple(verdict.suffix for _, verdict in self.verdicts if verdict.first_order)

    def check(self, integrator: Integrator) -> None:
        """Refuse an integrator that would compute something else than the files say.

        A finding that a file accepts is refused here nevertheless: the numbers would be wrong.

        Raises
        ------
        EngineError
            With the file, what it holds, and what to do.
        """
        for file, verdict in self.verdicts:
            own = {name for suffix, name in self.wired if suffix == verdict.suffix}
            for sentence, what in _obstacles(verdict, integrator, own):
                raise EngineError(sentence.format(file=file, suffix=verdict.suffix, what=what))


def conduct_of(recipe: CellRecipe) -> Conduct:
    """Return what the mechanisms of a cell do that integrators must know."""
    return _conduct(recipe.mechanisms, recipe.suffixes, wired(recipe))


@cache
def _conduct(
    sets: tuple[MechanismSet, ...],
    suffixes: frozenset[str],
    wired: frozenset[tuple[str, str]],
) -> Conduct:
    judged = [(one.folder / verdict.file, verdict) for one in sets for verdict in judge(one)]
    return Conduct(
        tuple(each for each in judged if each[1].suffix in suffixes),
        tuple(verdict.switch for _, verdict in judged if verdict.switch),
        wired,
    )


def _obstacles(
    verdict: Verdict, integrator: Integrator, wired: Collection[str]
) -> Iterator[tuple[str, str]]:
    set_here = tuple(f"POINTER {name} (" for name in wired)
    yield from ((_UNSET, what) for what in verdict.unset if not what.startswith(set_here))
    yield from ((_PROCESS, what) for what in verdict.kept_by_process)
    if integrator.engine == "coreneuron":
        yield from ((_WIRED, name) for name in wired)
        yield from ((_CORENEURON, what) for what in verdict.kept_by_coreneuron)
    if integrator.atol is not None:
        yield from ((_CVODE, what) for what in verdict.by_hand)
    if integrator.step_error_mV is not None:
        yield from ((_ADAPTIVE, what) for what in (*verdict.beyond_states, *verdict.by_hand))
        if integrator.engine != "population":  # it takes no METHOD's own step
            yield from ((_EXPLICIT, what) for what in verdict.explicit)
        yield from ((_TIMED, what) for what in verdict.depends_on_t)
        yield from ((_OWN_EVENTS, what) for what in verdict.own_events)
