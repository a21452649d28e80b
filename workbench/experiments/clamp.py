"""What a mechanism does in a clamped patch of membrane, read out of its compiled library."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.builds import build
from workbench.errors import EngineError, InputError, MechanismError, unknown
from workbench.mechanisms import BUILT_IN, Mechanism, MechanismSet, find_mechanism, judge
from workbench.protocols import MOST_SAMPLES
from workbench.questions import ChildFailed, ask
from workbench.units import ANY, amount

_SWEEP_mV = tuple(float(v) for v in range(-120, 61))
_STEPS_mV = tuple(float(v) for v in range(-80, 41, 20))
_SWEEP_mM = tuple(10 ** (n / 40 - 5) for n in range(161))
_STEPS_mM = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)


@dataclass(frozen=True)
class Clamp:
    """What the patch is held at, and for how long.

    Attributes
    ----------
    sweep_mV, steps_mV
        Voltages for the gates, and of the steps of the family.
    sweep_mM, steps_mM
        The same for a mechanism whose gates follow a concentration and not the voltage.
    holding_mV
        Voltage before and after a step.
    concentration_at_mV
        Voltage throughout, where concentrations are stepped.
    delay_ms, step_ms, tail_ms
        Time before, during and after the step.
    dt_ms
        Step of the integrator.
    """

    sweep_mV: Sequence[float] = _SWEEP_mV
    steps_mV: Sequence[float] = _STEPS_mV
    sweep_mM: Sequence[float] = _SWEEP_mM
    steps_mM: Sequence[float] = _STEPS_mM
    holding_mV: float = -80.0
    concentration_at_mV: float = 0.0
    delay_ms: float = 5.0
    step_ms: float = 100.0
    tail_ms: float = 20.0
    dt_ms: float = 0.025

    def __post_init__(self) -> None:
        for name in ("delay_ms", "step_ms", "tail_ms", "dt_ms"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise InputError(f"{name} is {value}, it must be 0 or above")
        if not 0 < self.dt_ms <= self.step_ms:
            raise InputError(
                f"dt_ms is {self.dt_ms:g}, it must be above 0 and at most step_ms, {self.step_ms:g}"
            )
        steps = max(len(self.steps_mV), len(self.steps_mM))
        samples = steps * (self.delay_ms + self.step_ms + self.tail_ms) / self.dt_ms
        if samples > MOST_SAMPLES:
            raise InputError(
                f"delay_ms {self.delay_ms:g}, step_ms {self.step_ms:g} and tail_ms "
                f"{self.tail_ms:g} at a dt_ms of {self.dt_ms:g}, {steps} times, are {samples:.3g} "
                f"samples, at most {MOST_SAMPLES:g} are allowed"
            )


@dataclass(frozen=True, eq=False)
class ClampFamily:
    """Gates and currents of a mechanism in a clamped patch.

    Attributes
    ----------
    suffix
        The mechanism.
    celsius_degC
        Temperature of the run.
    swept, unit
        What is swept and stepped: "v" in mV, or a concentration such as "cai" in mM.
    voltage_mV
        The voltage throughout, where a concentration is swept; else None.
    sweep
        (n,) values of what is swept, for the gates.
    gates
        Names of the g STATEs that relax to one value with one time constant, wherever the others
        are. Others, such as those of a kinetic scheme or a concentration, are not among them;
        but a scheme of two states that sum to 1 has one time constant, and NEURON keeps one of
        the two as a state that stands alone.
    steady, tau_ms
        (g, n) steady states and time constants.
    holding, steps
        The value of `swept` before and after a step, and the k values during it.
    t_ms
        (m,) times; the step begins at 0.
    step_ms
        When it ends.
    current_mA_per_cm2
        (k, m) sum of the mechanism's currents; inward is negative.
    """

    suffix: str
    celsius_degC: float
    swept: str
    unit: str
    voltage_mV: float | None
    sweep: Floats
    gates: tuple[str, ...]
    steady: Floats
    tau_ms: Floats
    holding: float
    steps: Floats
    t_ms: Floats
    step_ms: float
    current_mA_per_cm2: Floats

    def __repr__(self) -> str:
        gates = ", ".join(self.gates) or "none"
        return (
            f"<ClampFamily {self.suffix} at {self.celsius_degC:g} degC: gates {gates}; "
            f"{len(self.steps)} steps of {self.swept}, {self.steps[0]:g} to {self.steps[-1]:g} "
            f"{self.unit}>"
        )

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)


def clamp_family(
    mechanisms: MechanismSet | None,
    suffix: str,
    *,
    celsius_degC: float,
    settings: Mapping[str, float] | None = None,
    clamp: Clamp | None = None,
) -> ClampFamily:
    """Measure the gates and the currents of one density mechanism.

    The compiled library is loaded in a child process, into one patch of membrane for each value
    that is swept or stepped.

    Parameters
    ----------
    mechanisms
        The folder with the mechanism, compiled if need be; None for NEURON's own.
    suffix
        The mechanism.
    celsius_degC
        Temperature.
    settings
        Values of its parameters and of what it reads of its ions, by their name in NEURON:
        {"gNaTa_tbar_NaTa_t": 0.1, "ena": 50}. Without them the defaults of the .mod file and of
        NEURON hold.
    clamp
        What the patch is held at.

    Raises
    ------
    InputError
        If the temperature or a setting is beyond reason.
    MechanismError
        If there is no such density mechanism, it has neither gates nor currents, it reads what
        nothing here sets, or a setting is not its own.
    BuildError
        If the folder cannot be compiled.
    EngineError
        If NEURON fails in the child.
    """
    pool = {m.suffix: m for m in mechanisms.mechanisms} if mechanisms else BUILT_IN
    mechanism = _density(find_mechanism(suffix, pool))
    amount("celsius_degC", celsius_degC)
    for name, value in (settings or {}).items():
        amount(name, value, ANY)
    question: dict[str, Any] = {
        "suffix": suffix,
        "states": _states(mechanism),
        "concentrations": _concentrations(mechanism),
        "celsius_degC": celsius_degC,
        **_settings(mechanism, settings or {}),
        "clamp": {k: _plain(v) for k, v in asdict(clamp or Clamp()).items()},
    }
    for verdict in judge(mechanisms) if mechanisms else ():
        if verdict.suffix != suffix:
            continue
        if verdict.unset:
            what = f"{suffix} ({verdict.file}) reads {verdict.unset[0]}, and nothing here sets it"
            raise MechanismError(f"{what}: it cannot be clamped")
        if verdict.switch:
            question["globals"][verdict.switch] = 0.0
    library = build([mechanisms], coreneuron=False) if mechanisms else None
    question["build"] = {k: str(v) for k, v in vars(library).items()} if library else None
    try:
        found = ask("workbench.experiments.patches", question)
    except ChildFailed as failed:
        raise EngineError(f"NEURON could not clamp {suffix}: {failed}") from failed
    return _family(found, suffix, celsius_degC)


def _density(mechanism: Mechanism) -> Mechanism:
    carries = any(f"i{ion.name}" in ion.writes for ion in mechanism.ions)
    gated = bool(carries or mechanism.nonspecific_currents or _states(mechanism))
    if mechanism.kind != "density" or not gated:
        raise MechanismError(
            f"{mechanism.suffix} ({mechanism.kind}) cannot be clamped; "
            "only a density mechanism with a gate or a current can"
        )
    return mechanism


def _settings(mechanism: Mechanism, given: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Return the values to set on a section, and those of the whole process."""
    read = {name for ion in mechanism.ions for name in ion.reads}
    for name in given:
        allowed = {*mechanism.parameters, *mechanism.globals, *read}
        if name not in allowed:
            raise MechanismError(unknown(f"setting of {mechanism.suffix}", name, allowed))
    shared = {name: value for name, value in given.items() if name in mechanism.globals}
    return {"settings": {k: v for k, v in given.items() if k not in shared}, "globals": shared}


def _family(found: dict[str, Any], suffix: str, celsius_degC: float) -> ClampFamily:
    gates, points = tuple(found["gates"]), len(found["sweep"])
    return ClampFamily(
        suffix=suffix,
        celsius_degC=celsius_degC,
        swept=found["swept"],
        unit=found["unit"],
        voltage_mV=found["voltage_mV"],
        sweep=np.array(found["sweep"]),
        gates=gates,
        steady=np.array(found["steady"]).reshape(len(gates), points),
        tau_ms=np.array(found["tau_ms"]).reshape(len(gates), points),
        holding=found["holding"],
        steps=np.array(found["steps"]),
        t_ms=np.array(found["t_ms"]),
        step_ms=found["step_ms"],
        current_mA_per_cm2=np.array(found["current_mA_per_cm2"]),
    )


def _states(mechanism: Mechanism) -> list[str]:
    written = {name for ion in mechanism.ions for name in ion.writes}
    return [name for name in mechanism.states if name not in written]


def _concentrations(mechanism: Mechanism) -> list[str]:
    """Return the concentrations that a mechanism reads and leaves as they are."""
    return [
        name
        for ion in mechanism.ions
        for name in ion.reads
        if name in (f"{ion.name}i", f"{ion.name}o") and name not in ion.writes
    ]


def _plain(value: float | Sequence[float]) -> float | list[float]:
    return float(value) if isinstance(value, int | float) else [float(v) for v in value]
