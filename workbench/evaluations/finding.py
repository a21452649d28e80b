"""The numbers of protocols that are found on a cell, by short simulations of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import numpy as np

from workbench.cells import CellRecipe
from workbench.digests import digest
from workbench.engines import Failure, FailureKind, Integrator, Job
from workbench.evaluations.rounds import Rounds
from workbench.features import Measured, Missing
from workbench.features.spikes import crossings_ms
from workbench.morphology import Site
from workbench.protocols import (
    Holding,
    Protocol,
    Recording,
    RelativeTo,
    Rheobase,
    Seeker,
    Sought,
    Step,
    Trace,
    Traces,
)
from workbench.protocols.protocol import FOUND_AT_REST

TEST_nA = -0.01
"""The current of which the deflection is the input resistance."""

FIRES_mV = -20.0
"""A cell that crosses this upwards while it settles is not at rest."""

PEAK_mV = 1.0
"""By how much the peak of a spike is above the voltage where the current jumps."""

REACH_mV = 20.0
"""Where the search of a rheobase begins: the current that would depolarise a passive cell by so
much."""

FIRST_nA = 0.1
"""Where it begins if the cell has no input resistance."""

MOST_HALVINGS = 10
NARROW = 1e-3
"""Of a holding current: where two so near have voltages to both sides, the voltage jumps there."""

MOST_STEPS = 40
"""Of a search for a holding current, which mostly takes two or three."""

T = TypeVar("T")

Integrators = Callable[[str], Integrator]
"""The integrator of a protocol, by its name."""


class _UnfoundError(Exception):
    """There is no such number, and why; or a simulation failed."""

    def __init__(self, why: Missing | Failure) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class _Place:
    """Where a constant current flows, in which conditions, and for how long."""

    site: Site
    v_init_mV: float | None
    celsius_degC: float | None
    settle_ms: float
    integrator: Integrator

    def job(self, recipe: CellRecipe, current_nA: float) -> Job:
        """Return the simulation under a constant current."""
        protocol = Protocol(
            "settling",
            self.settle_ms,
            (Step(self.site, 0.0, self.settle_ms, current_nA),),
            (Recording("settling", self.site),),
            v_init_mV=self.v_init_mV,
            celsius_degC=self.celsius_degC,
        )
        return Job(recipe, protocol, self.integrator)


class _Point(NamedTuple):
    """A constant current and the voltage under it.

    Infinite where the cell fires, and where the current drives it beyond every voltage, to which
    side it flows.
    """

    current_nA: float
    voltage_mV: float


@dataclass(frozen=True)
class Ready:
    """A protocol with numbers for all that had to be found on the cell.

    Attributes
    ----------
    protocol
        As it is to be run; with stand-ins if `why` says why it is not.
    found
        Features of the cell by name, `FOUND`.
    """

    protocol: Protocol
    found: dict[str, Measured]
    why: Missing | Failure | None = None


class Finder:
    """Finds numbers on one cell. What two protocols ask alike is simulated once."""

    def __init__(self, recipe: CellRecipe, integrator_of: Integrators) -> None:
        self._recipe = recipe
        self._integrator_of = integrator_of
        self._settled: dict[tuple[_Place, float], _Point | _UnfoundError] = {}
        self._rheobases: dict[tuple[str, Integrator], float | _UnfoundError] = {}

    def ready(self, protocol: Protocol) -> Rounds[Ready]:
        """Return a protocol with its numbers, and what was found on the way."""
        numbers: dict[str, float] = {}
        found: dict[str, Measured] = {}
        why: Missing | Failure | None = None
        for name, value in _in_order(protocol):
            place = self._place(protocol, name, value)
            if place is not None:
                found |= yield from self._at_rest(place)
            try:
                if why is not None:
                    raise _UnfoundError(why)
                numbers[name] = yield from self._number(protocol, name, value, numbers)
            except _UnfoundError as error:
                why = why or error.why
            if (feature := _FEATURES.get(type(value))) is not None:
                found[feature] = np.array([numbers[name]]) if name in numbers else _missing(why)
        if why is not None:
            return Ready(protocol.bound(), found, why)
        return Ready(protocol.with_parameters(numbers), found)

    def _place(self, protocol: Protocol, name: str, value: Sought) -> _Place | None:
        if isinstance(value, RelativeTo):
            return None
        bound, site = protocol.bound(), protocol.driven_by(name)[0].site
        assert not isinstance(site, str), "a bound stimulus names no parameter"
        v_init_mV, celsius_degC = (
            None if one is None else float(one) for one in (bound.v_init_mV, bound.celsius_degC)
        )
        integrator = self._integrator_of(protocol.name)
        return _Place(site, v_init_mV, celsius_degC, value.settle_ms, integrator)

    def _number(
        self, protocol: Protocol, name: str, value: Sought, numbers: dict[str, float]
    ) -> Rounds[float]:
        if isinstance(value, RelativeTo):
            return value.nA((yield from self._rheobase_of(value.of)))
        place = self._place(protocol, name, value)
        assert place is not None, "only what is relative to another protocol has none"
        if isinstance(value, Holding):
            return (yield from self._holding(place, value))
        return (yield from self._kept_rheobase(protocol.with_parameters(numbers), place))

    def _rheobase_of(self, protocol: Seeker) -> Rounds[float]:
        """Return the rheobase that another protocol seeks."""
        assert isinstance(protocol, Protocol), "nobody else seeks one"
        numbers: dict[str, float] = {}
        for name, value in _in_order(protocol):
            numbers[name] = yield from self._number(protocol, name, value, numbers)
        assert protocol.seeks is not None, "checked when it was named"
        return numbers[protocol.seeks[0]]

    def _at_rest(self, place: _Place) -> Rounds[dict[str, Measured]]:
        found: dict[str, Measured] = {}
        for feature, ask in zip(FOUND_AT_REST, (self._rest, self._resistance), strict=True):
            try:
                found[feature] = np.array([(yield from ask(place))])
            except _UnfoundError as error:
                found[feature] = _missing(error.why)
        return found

    def _rest(self, place: _Place) -> Rounds[float]:
        at_rest = yield from self._under(place, 0.0)
        if not np.isfinite(at_rest.voltage_mV):
            raise _UnfoundError(Missing("the cell does not rest: it fires without a current"))
        return at_rest.voltage_mV

    def _resistance(self, place: _Place) -> Rounds[float]:
        """Return the input resistance (MOhm): the deflection over the current, both settled."""
        rest_mV = yield from self._rest(place)
        under = yield from self._under(place, TEST_nA)
        if not np.isfinite(under.voltage_mV):
            raise _UnfoundError(Missing(f"the cell does not settle under {TEST_nA:g} nA"))
        return (under.voltage_mV - rest_mV) / TEST_nA

    def _under(self, place: _Place, current_nA: float) -> Rounds[_Point]:
        """Return the voltage at the end of a constant current; each current is simulated once."""
        key = place, current_nA
        if key not in self._settled:
            [outcome] = yield [place.job(self._recipe, current_nA)]
            if isinstance(outcome, Failure):
                far = outcome.kind is FailureKind.ABSURD and current_nA != 0
                beyond = _Point(current_nA, float(np.copysign(np.inf, current_nA)))
                self._settled[key] = beyond if far else _UnfoundError(outcome)
            else:
                voltage_mV = _settled_mV(outcome, place.settle_ms)
                self._settled[key] = _Point(current_nA, voltage_mV)
        return _known(self._settled[key])

    def _holding(self, place: _Place, wanted: Holding) -> Rounds[float]:
        """Return the current under which the voltage settles at what is wanted.

        The secant through the last two currents, or half-way where that leaves the bracket, and
        every third time: a secant may creep.
        """
        tried = [(yield from self._under(place, 0.0)), (yield from self._under(place, TEST_nA))]
        for _ in range(MOST_STEPS):
            nearest = min(tried, key=lambda one: abs(one.voltage_mV - wanted.to_mV))
            if abs(nearest.voltage_mV - wanted.to_mV) <= wanted.tolerance_mV:
                return nearest.current_nA
            current_nA = _next_nA(tried, wanted)
            below_nA, above_nA = _bracket_nA(tried, wanted.to_mV)
            width_nA = NARROW * max(abs(current_nA), abs(TEST_nA))
            if below_nA is not None and above_nA is not None and above_nA - below_nA < width_nA:
                break
            if any(current_nA == one.current_nA for one in tried):
                break
            tried.append((yield from self._under(place, current_nA)))
        raise _UnfoundError(
            Missing(
                f"no constant current within {wanted.most_nA:g} nA holds the cell at "
                f"{wanted.to_mV:g} mV to {wanted.tolerance_mV:g} mV"
            )
        )

    def _kept_rheobase(self, protocol: Protocol, place: _Place) -> Rounds[float]:
        key = digest(protocol), place.integrator
        if key not in self._rheobases:
            try:
                self._rheobases[key] = yield from self._rheobase(protocol, place)
            except _UnfoundError as error:
                self._rheobases[key] = error
        return _known(self._rheobases[key])

    def _rheobase(self, protocol: Protocol, place: _Place) -> Rounds[float]:
        """Return the least current that fires: bracketed by doubling or halving, then bisected."""
        seeks = protocol.seeks
        assert seeks is not None, "its caller knows"
        _, wanted = seeks
        high_nA = yield from self._first_nA(place, wanted)
        low_nA = 0.0
        if (yield from self._fires(protocol, high_nA, place.integrator)):
            low_nA = high_nA
            for _ in range(MOST_HALVINGS):
                low_nA, high_nA = low_nA / 2, low_nA
                if not (yield from self._fires(protocol, low_nA, place.integrator)):
                    break
            else:
                raise _UnfoundError(Missing(f"it fires under {low_nA:.2g} nA already"))
        else:
            while True:
                if high_nA >= wanted.most_nA:
                    raise _UnfoundError(Missing(f"no spike with up to {wanted.most_nA:g} nA"))
                low_nA, high_nA = high_nA, min(2 * high_nA, wanted.most_nA)
                if (yield from self._fires(protocol, high_nA, place.integrator)):
                    break
        while high_nA - low_nA > wanted.tolerance_percent / 100 * high_nA:
            middle_nA = (low_nA + high_nA) / 2
            if (yield from self._fires(protocol, middle_nA, place.integrator)):
                high_nA = middle_nA
            else:
                low_nA = middle_nA
        return high_nA

    def _first_nA(self, place: _Place, wanted: Rheobase) -> Rounds[float]:
        try:
            resistance_MOhm = yield from self._resistance(place)
        except _UnfoundError:
            resistance_MOhm = 0.0
        first_nA = REACH_mV / resistance_MOhm if resistance_MOhm > 0 else FIRST_nA
        return min(first_nA, wanted.most_nA)

    def _fires(self, protocol: Protocol, current_nA: float, integrator: Integrator) -> Rounds[bool]:
        seeks = protocol.seeks
        assert seeks is not None, "its caller knows"
        name, wanted = seeks
        run = replace(protocol.with_parameters({name: current_nA}), maps=())
        [outcome] = yield [Job(self._recipe, run, integrator)]
        if isinstance(outcome, Failure):
            absurd = outcome.kind is FailureKind.ABSURD
            raise _UnfoundError(
                Missing(f"under {current_nA:g} nA {outcome.message}") if absurd else outcome
            )
        jumps_ms = [at for one in protocol.driven_by(name) for at in one.jumps_ms(run.duration_ms)]
        return _peaks(outcome[f"{wanted.to_fire}.v"], wanted.threshold_mV, jumps_ms)


_FEATURES: dict[type[Sought], str] = {Holding: "holding_current", Rheobase: "rheobase"}


def _in_order(protocol: Protocol) -> Iterator[tuple[str, Sought]]:
    """Yield what holds the cell first: a rheobase is found on a cell that is held."""
    order = (Holding, RelativeTo, Rheobase)
    for kind in order:
        yield from ((n, one) for n, one in protocol.sought.items() if isinstance(one, kind))


def _known(kept: T | _UnfoundError) -> T:
    if isinstance(kept, _UnfoundError):
        raise kept
    return kept


def _missing(why: Missing | Failure | None) -> Missing:
    assert why is not None, "there is a number or a reason"
    return why if isinstance(why, Missing) else Missing(why.message)


def _settled_mV(traces: Traces, settle_ms: float) -> float:
    """Return the last voltage, infinite if the cell fires in the second half of the run."""
    trace = traces["settling.v"]
    if (crossings_ms(trace, FIRES_mV) >= settle_ms / 2).any():
        return np.inf
    return float(trace.values[-1])


def _peaks(trace: Trace, threshold_mV: float, jumps_ms: Sequence[float]) -> bool:
    """Whether a voltage rises above a threshold after the first jump of the current, and peaks.

    A membrane that is only charged reaches its highest voltage where the current ends.
    """
    t_ms, v_mV = trace.t_ms, trace.values
    above = v_mV >= threshold_mV
    ups = np.flatnonzero(~above[:-1] & above[1:]) + 1
    downs = np.append(np.flatnonzero(above[:-1] & ~above[1:]) + 1, v_mV.size)
    for up in ups[t_ms[ups] >= min(jumps_ms)]:
        down = downs[np.searchsorted(downs, up)]
        last_ms = t_ms[min(down, v_mV.size - 1)]
        jumps_mV = [np.interp(at, t_ms, v_mV) for at in jumps_ms if t_ms[up] <= at <= last_ms]
        if v_mV[up:down].max() > max(jumps_mV, default=-np.inf) + PEAK_mV:
            return True
    return False


def _next_nA(tried: list[_Point], wanted: Holding) -> float:
    """Return the current to try next, of those that were tried and their voltages."""
    below, above = _bracket_nA(tried, wanted.to_mV)
    guess = _secant_nA(tried, wanted.to_mV)
    if below is not None and above is not None and below < above:
        inside = guess is not None and below < guess < above and len(tried) % 3 != 0
        return guess if guess is not None and inside else (below + above) / 2
    edge, sign = (below, 1.0) if below is not None else (above, -1.0)
    assert edge is not None, "a voltage is on one side of what is wanted"
    farther = edge + sign * max(abs(edge), abs(TEST_nA))
    if guess is not None and sign * (guess - edge) > 0:
        farther = guess
    return float(np.clip(farther, -wanted.most_nA, wanted.most_nA))


def _bracket_nA(tried: list[_Point], to_mV: float) -> tuple[float | None, float | None]:
    """Return the largest current below a voltage, and the least above it."""
    below = max((p.current_nA for p in tried if p.voltage_mV < to_mV), default=None)
    above = min((p.current_nA for p in tried if p.voltage_mV > to_mV), default=None)
    return below, above


def _secant_nA(tried: list[_Point], to_mV: float) -> float | None:
    """Return where the line through the last two voltages meets what is wanted, if it rises."""
    quiet = [one for one in tried if np.isfinite(one.voltage_mV)][-2:]
    if len(quiet) < 2:
        return None
    (i0, v0), (i1, v1) = quiet
    slope = (v1 - v0) / (i1 - i0)
    return i1 + (to_mV - v1) / slope if slope > 0 else None
