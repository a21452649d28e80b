"""What a mechanism does in a clamped patch of membrane, read out of its compiled library."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from workbench.errors import EngineError, MechanismError
from workbench.mechanisms import BUILT_IN, Mechanism, MechanismSet, build, find_mechanism
from workbench.mechanisms.child import ChildFailed, ask

Floats = NDArray[np.float64]

SWEEP_mV = np.arange(-120.0, 61.0)
STEPS_mV = np.arange(-80.0, 41.0, 20.0)
SWEEP_mM = np.logspace(-5, -1, 161)
STEPS_mM = np.array([1e-4, 3e-4, 1e-3, 3e-3, 1e-2])


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

    sweep_mV: Sequence[float] = field(default_factory=SWEEP_mV.tolist)
    steps_mV: Sequence[float] = field(default_factory=STEPS_mV.tolist)
    sweep_mM: Sequence[float] = field(default_factory=SWEEP_mM.tolist)
    steps_mM: Sequence[float] = field(default_factory=STEPS_mM.tolist)
    holding_mV: float = -80.0
    concentration_at_mV: float = 0.0
    delay_ms: float = 5.0
    step_ms: float = 100.0
    tail_ms: float = 20.0
    dt_ms: float = 0.025


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
    sweep
        (n,) values of it, for the gates.
    gates
        Names of the g STATEs that relax to one value with one time constant. Others, such as
        those of a kinetic scheme or a concentration, are not among them.
    steady, tau_ms
        (g, n) steady states and time constants.
    holding, steps
        The value of `swept` before and after a step, and the k values during it.
    t_ms
        (m,) times; the step begins at 0.
    current_mA_per_cm2
        (k, m) sum of the mechanism's currents; inward is negative.
    """

    suffix: str
    celsius_degC: float
    swept: str
    unit: str
    sweep: Floats
    gates: tuple[str, ...]
    steady: Floats
    tau_ms: Floats
    holding: float
    steps: Floats
    t_ms: Floats
    current_mA_per_cm2: Floats

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
        Values by their name on a section: {"gNaTa_tbar_NaTa_t": 0.1, "ena": 50}. Without them
        the defaults of the .mod file and of NEURON hold.
    clamp
        What the patch is held at.

    Raises
    ------
    MechanismError
        If there is no such density mechanism.
    BuildError
        If the folder cannot be compiled.
    EngineError
        If NEURON fails in the child.
    """
    pool = {m.suffix: m for m in mechanisms.mechanisms} if mechanisms else BUILT_IN
    mechanism = find_mechanism(suffix, pool)
    if mechanism.kind != "density":
        raise MechanismError(
            f"{suffix} is of kind {mechanism.kind}; only density mechanisms can be clamped"
        )
    library = build([mechanisms], coreneuron=False) if mechanisms else None
    question = {
        "build": {k: str(v) for k, v in vars(library).items()} if library else None,
        "suffix": suffix,
        "states": _states(mechanism),
        "concentrations": _concentrations(mechanism),
        "celsius_degC": celsius_degC,
        "settings": dict(settings or {}),
        "clamp": {k: _plain(v) for k, v in asdict(clamp or Clamp()).items()},
    }
    try:
        found = ask("workbench.experiments.patches", question)
    except ChildFailed as failed:
        raise EngineError(f"NEURON could not clamp {suffix}: {failed}") from failed
    return ClampFamily(
        suffix=suffix,
        celsius_degC=celsius_degC,
        gates=tuple(found.pop("gates")),
        **{k: np.array(v, dtype=float) if isinstance(v, list) else v for k, v in found.items()},
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
