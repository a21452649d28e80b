"""What an engine is asked and what it answers. Nothing here knows of NEURON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from numbers import Real
from typing import Literal, get_args
from typing import Protocol as Interface

from workbench.cells import CellRecipe
from workbench.errors import EngineError, unknown
from workbench.protocols import Protocol, Traces

EngineName = Literal["neuron", "coreneuron", "population"]
"""Who simulates."""

Precision = Literal["double", "single"]
"""Of numbers, in digits: sixteen or seven."""

_SPELT: Mapping[str, str] = {
    "neuron": "NEURON",
    "coreneuron": "CoreNEURON",
    "population": "population engine",
}

LARGEST_SECOND_ORDER_STEP_ms = 0.05
SHORTEST_STEP_ms = 1e-5
LARGEST_STEP = 100.0
"""Of a step in ms, its error in mV and CVODE's tolerance. A passive cell settles in long steps."""
LEAST_SINGLE_mV = 1e-4
"""The least error of a step in single precision."""
MOST_STEPS_per_ms = 1_000_000


@dataclass(frozen=True)
class Integrator:
    """How the equations are advanced.

    Attributes
    ----------
    engine
        `neuron`, `coreneuron` (fixed step only) or `population` (adaptive steps only).
    dt_ms
        The fixed step; None for a variable one.
    order
        Of the fixed step: 1 is backward Euler, 2 Crank-Nicolson. Above 0.05 ms Crank-Nicolson
        breaks down on spiking cells and is refused.
    atol
        CVODE's absolute tolerance; None for any other.
    step_error_mV
        How large the local error of a step may be that follows the voltage; a step above 0.02 ms
        keeps as much less as the square of its length (`engines/neuron/adaptive/`; there only
        voltages are recorded). After half a second spikes are within 0.1 ms at 0.02 and within
        0.2 ms at 0.1; measured in docs/performance.md. None for any other integrator.
    native
        Whether the mechanisms are compiled for this processor: quicker, with other last digits.
    gpu
        Whether CoreNEURON, which wants a NEURON that was built for it, or the population engine
        runs on a GPU.
    precision
        Of the population engine: with `single` voltages and states have 32 bits, and twice as many
        are computed at a time.
    steps_per_ms
        Budget of a variable step, averaged over the run. It is counted in steps, not seconds, so
        that a score never depends on how busy the machine is.
    """

    engine: EngineName = "neuron"
    dt_ms: float | None = None
    order: Literal[1, 2] = 1
    atol: float | None = 1e-3
    steps_per_ms: int = 200
    native: bool = False
    gpu: bool = False
    step_error_mV: float | None = None
    precision: Precision = "double"

    def __post_init__(self) -> None:
        if self.engine not in get_args(EngineName):
            raise EngineError(unknown("engine", self.engine, get_args(EngineName)))
        steps = {"dt_ms": self.dt_ms, "atol": self.atol, "step_error_mV": self.step_error_mV}
        given = {name: value for name, value in steps.items() if value is not None}
        if len(given) != 1:
            raise EngineError(
                "give one of a fixed step (dt_ms), CVODE's tolerance (atol) and the error of an "
                f"adaptive step (step_error_mV); given: {', '.join(given) or 'none'}"
            )
        if self.order not in (1, 2):
            raise EngineError(f"order is {self.order}; allowed: 1 (backward Euler), 2")
        for name, value in given.items():
            if not (isinstance(value, Real) and 0 < value <= LARGEST_STEP):
                raise EngineError(
                    f"{name} is {value!r}, it must be a number above 0 and at most {LARGEST_STEP:g}"
                )
        if self.dt_ms is not None and self.dt_ms < SHORTEST_STEP_ms:
            raise EngineError(
                f"dt_ms is {self.dt_ms:g}; steps below {SHORTEST_STEP_ms:g} ms would take for ever"
            )
        if not 1 <= self.steps_per_ms <= MOST_STEPS_per_ms:
            raise EngineError(
                f"steps_per_ms is {self.steps_per_ms}, it must be at least 1 and at most "
                f"{MOST_STEPS_per_ms}"
            )
        if self.dt_ms is None and self.engine == "coreneuron":
            what = "CVODE" if self.step_error_mV is None else "adaptive steps"
            raise EngineError(f"CoreNEURON has no {what}; give a fixed step with dt_ms")
        if self.engine == "population" and self.step_error_mV is None:
            raise EngineError(
                "the population engine has adaptive steps alone; give their error (step_error_mV)"
            )
        self._check_precision()
        if self.gpu and self.engine == "neuron":
            raise EngineError(
                "gpu was asked for with engine 'neuron'; only engine = 'coreneuron' and engine = "
                "'population' have it"
            )
        if self.dt_ms is None and self.order != 1:
            raise EngineError("order belongs to a fixed step; a variable one has its own")
        if self.order == 2 and self.dt_ms and self.dt_ms > LARGEST_SECOND_ORDER_STEP_ms:
            raise EngineError(
                f"Crank-Nicolson at dt_ms = {self.dt_ms:g} breaks down on spiking cells; "
                f"use at most {LARGEST_SECOND_ORDER_STEP_ms} or order 1"
            )

    def _check_precision(self) -> None:
        if self.precision not in get_args(Precision):
            raise EngineError(unknown("precision", self.precision, get_args(Precision)))
        if self.precision == "double":
            return
        if self.engine != "population":
            raise EngineError(
                f"precision {self.precision!r} was asked for with engine {self.engine!r}; only "
                "engine = 'population' has it"
            )
        if self.gpu:
            raise EngineError(
                "the population engine has no single precision on a GPU; leave one out"
            )
        if self.step_error_mV is not None and self.step_error_mV < LEAST_SINGLE_mV:
            raise EngineError(
                f"step_error_mV is {self.step_error_mV:g}, too little for single precision, which "
                f"rounds; give at least {LEAST_SINGLE_mV:g}, or precision = 'double'"
            )

    @property
    def build(self) -> tuple[object, ...]:
        """What decides how mechanisms are compiled: a process runs integrators of one only."""
        return self.engine, self.native, self.gpu, self.precision

    def __str__(self) -> str:
        name = _SPELT[self.engine]
        how = ["native"] * self.native + ["GPU"] * self.gpu
        if self.precision != "double":
            how.append(f"{self.precision} precision")
        if how:
            name += f" ({', '.join(how)})"
        if self.atol is not None:
            return f"{name}, CVODE atol {self.atol:g}"
        if self.step_error_mV is not None:
            return f"{name}, adaptive steps {self.step_error_mV:g} mV"
        scheme = "backward Euler" if self.order == 1 else "Crank-Nicolson"
        return f"{name}, {scheme} dt {self.dt_ms:g} ms"


def fixed_step(dt_ms: float, order: Literal[1, 2] = 1, engine: EngineName = "neuron") -> Integrator:
    """Return the integrator with a fixed step."""
    return Integrator(engine, dt_ms, order, atol=None)


def adaptive_step(step_error_mV: float, *, native: bool = False) -> Integrator:
    """Return the integrator with steps that follow the voltage."""
    return Integrator(atol=None, step_error_mV=step_error_mV, native=native)


@dataclass(frozen=True)
class Job:
    """One cell under one protocol, all of whose amounts are numbers.

    Raises
    ------
    EngineError
        If one of them is still to be found on the cell.
    """

    recipe: CellRecipe
    protocol: Protocol
    integrator: Integrator

    def __post_init__(self) -> None:
        for name, sought in self.protocol.sought.items():
            raise EngineError(
                f"protocol {self.protocol.name}: {name} is {sought}, which has to be found on the "
                "cell first; simulate, score and fit do so. Here, give it a number"
            )


class FailureKind(Enum):
    """Why a parameter set has no traces."""

    NOT_FINITE = "a recording is not a number or infinite"
    ABSURD = "the membrane left every physiological voltage"
    UNFINISHED = "the run did not reach its end"
    TOO_MANY_STEPS = "the integrator used up its budget of steps"
    SIMULATOR = "NEURON reported an error"
    WORKER_DIED = "every worker that tried it died"


@dataclass(frozen=True)
class Failure:
    """A parameter set that cannot be simulated: an answer, not an error."""

    kind: FailureKind
    message: str

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.message}"


Outcome = Traces | Failure
"""What an engine answers to a job."""


class Engine(Interface):
    """Runs a batch of jobs; the answer holds one outcome a job, in their order."""

    def __call__(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Run the jobs."""
