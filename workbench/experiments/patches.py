"""`python -m workbench.experiments.patches`: the child that clamps patches of membrane.

Question and answer: see `clamp_family`, which asks.

A patch with a huge capacitance keeps its voltage, whatever current flows: a perfect clamp, and
its capacitive current is the current of the mechanism with the opposite sign.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from workbench.arrays import Floats
from workbench.builds import Build
from workbench.engines.neuron.door import open_neuron
from workbench.questions import answer

# A current of 1 A/cm2 then moves the voltage by less than its last digit in a step.
_CM_uF_per_cm2 = 1e20
# So short that all methods agree within 1e-4 on time constants above 0.01 ms, and so long that
# a time constant of 10 s still has six digits.
_GLANCE_ms = 1e-6
_HOLD_ms = 200.0
# A gate moves over the sweep if its steady state or its rate changes by this share, and heeds
# other states if they change what it does by this share of its rate.
_MOVES = 1e-3


def main() -> None:
    """Answer the question on standard input."""
    answer(_measure)


def _measure(asked: dict[str, Any]) -> dict[str, Any]:
    clamp = asked["clamp"]
    patches = _Patches(asked)
    swept, sweep = "v", np.array(clamp["sweep_mV"])
    gates = patches.gates(swept, sweep)
    for name in asked["concentrations"] if not _any_moves(gates) else ():
        concentrations = np.array(clamp["sweep_mM"])
        there = patches.gates(name, concentrations)
        if _any_moves(there):
            swept, sweep, gates = name, concentrations, there
            break
    gates = {state: gate for state, gate in gates.items() if not gate.coupled}
    steps, holding = clamp["steps_mV"], clamp["holding_mV"]
    if swept != "v":
        steps, holding = clamp["steps_mM"], float(sweep[0])
    t_ms, current = patches.family(swept, np.array(steps), holding)
    return {
        "swept": swept,
        "unit": "mV" if swept == "v" else "mM",
        "voltage_mV": None if swept == "v" else clamp["concentration_at_mV"],
        "sweep": sweep.tolist(),
        "gates": list(gates),
        "steady": [gate.steady.tolist() for gate in gates.values()],
        "tau_ms": [gate.tau_ms.tolist() for gate in gates.values()],
        "holding": holding,
        "steps": steps,
        "t_ms": t_ms.tolist(),
        "step_ms": clamp["step_ms"],
        "current_mA_per_cm2": current.tolist(),
    }


class _Gate(NamedTuple):
    """What one state does while the others keep still; `coupled` if it heeds them."""

    steady: Floats
    tau_ms: Floats
    coupled: bool


class _Patches:
    """Patches of membrane with one mechanism, each at a value of its own."""

    def __init__(self, asked: dict[str, Any]):
        self._h = open_neuron(_build(asked["build"]))
        self._asked = asked
        self._clamp = asked["clamp"]
        self._sections: list[Any] = []
        self._h.celsius = asked["celsius_degC"]
        for name, value in asked["globals"].items():
            setattr(self._h, name, value)

    def gates(self, swept: str, values: Floats) -> dict[str, _Gate]:
        """Return what each state does that is drawn to one value, the faster the farther."""
        self._make(len(values))
        found = {}
        for state in self._asked["states"]:
            from_0, from_half, from_1 = (
                self._after_a_glance(swept, values, state, start) for start in (0.0, 0.5, 1.0)
            )
            left = from_1 - from_0
            if not np.allclose(from_half, (from_0 + from_1) / 2, rtol=0, atol=1e-12):
                continue
            amid_others = self._after_a_glance(swept, values, state, 0.5, move_others=True)
            coupled = bool((np.abs(amid_others - from_half) > _MOVES * np.abs(1 - left)).any())
            with np.errstate(divide="ignore", invalid="ignore"):
                found[state] = _Gate(from_0 / (1 - left), _GLANCE_ms / (1 - left), coupled)
        return found

    def family(self, swept: str, steps: Floats, holding: float) -> tuple[Floats, Floats]:
        """Return times, 0 where the step begins, and the current of each step in mA/cm2."""
        h, clamp = self._h, self._clamp
        self._make(len(steps))
        before, during, after = (
            round(clamp[name] / clamp["dt_ms"]) for name in ("delay_ms", "step_ms", "tail_ms")
        )
        held = np.full(len(steps), holding)
        h.dt = clamp["dt_ms"]
        self._start(swept, held)
        for _ in range(round(_HOLD_ms / h.dt)):
            h.fadvance()
        current = np.empty((before + during + after, len(steps)))
        for sample in range(len(current)):
            if sample in (0, before, before + during):
                self._set(swept, steps if sample == before else held)
            h.fadvance()
            current[sample] = [-section(0.5).i_cap for section in self._sections]
        return clamp["dt_ms"] * np.arange(-before, during + after), current.T

    def _make(self, count: int) -> None:
        for section in self._sections:
            self._h.delete_section(sec=section)
        self._sections = [self._h.Section(name=f"patch{n}") for n in range(count)]
        for section in self._sections:
            section.L = section.diam = 10
            section.cm = _CM_uF_per_cm2
            section.insert(self._asked["suffix"])
            for name, value in self._asked["settings"].items():
                setattr(section, name, value)

    def _start(self, swept: str, values: Floats) -> None:
        self._set(swept, values)
        self._h.finitialize()
        # An ion's initialisation may have put its own concentration there.
        self._set(swept, values)

    def _set(self, swept: str, values: Floats) -> None:
        for section, value in zip(self._sections, values, strict=True):
            section.v = self._clamp["concentration_at_mV"]
            setattr(section, swept, float(value))

    def _after_a_glance(
        self, swept: str, values: Floats, state: str, start: float, *, move_others: bool = False
    ) -> Floats:
        """Return a state shortly after it was at `start`, the others where they begin or moved."""
        self._start(swept, values)
        starts = {state: start}
        if move_others:
            # All differ, so that what one of them gives another does not take.
            others = [other for other in self._asked["states"] if other != state]
            starts |= {other: 0.9 / (2 + place) for place, other in enumerate(others)}
        for section in self._sections:
            for name, value in starts.items():
                setattr(section, f"{name}_{self._asked['suffix']}", value)
        self._h.dt = _GLANCE_ms
        self._h.fadvance()
        name = f"{state}_{self._asked['suffix']}"
        return np.array([getattr(section(0.5), name) for section in self._sections])


def _build(found: dict[str, Any] | None) -> Build | None:
    if found is None:
        return None
    library = Path(found["library"])
    return Build(found["key"], library.parent, library, None, (), found["flags"])


def _any_moves(gates: dict[str, _Gate]) -> bool:
    return any(_moves(gate.steady) or _moves(1 / gate.tau_ms) for gate in gates.values())


def _moves(values: Floats) -> bool:
    return bool(np.ptp(values) > _MOVES * np.max(np.abs(values)))


if __name__ == "__main__":
    main()
