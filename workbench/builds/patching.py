"""`python -m workbench.builds.patching`: the child that runs patches of one library.

Question and answer: see `compare`, which asks.
"""

import os
from collections.abc import Sequence
from typing import Any

from workbench.questions import answer

_CELSIUS_degC = 34.0
_STEPS_mV = (-120.0, -100.0, -70.0, -50.0, -35.0, -20.0, 0.0, 40.0)
# One for each step, so that voltage and concentration vary together.
_CONCENTRATIONS_mM = (5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2)
_HOLDING_mV, _TAIL_mV = -80.0, -50.0
_DELAY_ms, _STEP_ms, _END_ms, _DT_ms = 5.0, 40.0, 60.0, 0.025
_KEPT = 10
_ATOL = 1e-3


def main() -> None:
    """Answer the question on standard input."""
    answer(_families)


def _families(asked: dict[str, Any]) -> dict[str, Any]:
    from neuron import h

    h.load_file("stdrun.hoc")
    h.nrn_load_dll(asked["library"])
    h.celsius, h.dt = _CELSIUS_degC, _DT_ms
    h.secondorder = 0
    patches = [_Patch(h, one, n) for one in asked["patches"] for n in range(len(_STEPS_mV))]
    found = {"NEURON": _run(h, patches)}
    if asked["coreneuron_library"]:
        from neuron import coreneuron

        os.environ["CORENEURONLIB"] = asked["coreneuron_library"]
        with coreneuron(enable=True, verbose=0):
            found["CoreNEURON"] = _run(h, patches)
    h.CVode().active(True)
    steps = _count_steps(h, patches)
    return {"families": {**found, "CVODE": _rates(h, patches)}, "cvode_steps": steps}


class _Patch:
    """A patch under voltage clamp with one mechanism, and with what drives it."""

    def __init__(self, h: Any, asked: dict[str, Any], step: int):
        self._h = h
        self._asked = asked
        self._concentration_mM = _CONCENTRATIONS_mM[step]
        self.section = h.Section(name=f"{asked['suffix']}_{step}")
        self.section.L = self.section.diam = 10
        for suffix in asked["company"]:
            self.section.insert(suffix)
        self._clamp = h.SEClamp(self.section(0.5))
        self._clamp.rs = 1e-3
        self._clamp.dur1, self._clamp.amp1 = _DELAY_ms, _HOLDING_mV
        self._clamp.dur2, self._clamp.amp2 = _STEP_ms, _STEPS_mV[step]
        self._clamp.dur3, self._clamp.amp3 = _END_ms, _TAIL_mV
        self._mechanism = self._point() if asked["point"] else self._density()
        for name, value in asked["amounts"].items():
            setattr(self._mechanism, name, value)
        self.vectors = {
            f"{name} of {asked['suffix']}": h.Vector().record(self._reference(name))
            for name in asked["watched"]
        }

    def release(self) -> None:
        """Let the patch go from its step's voltage: its own currents now move it."""
        self._clamp.rs = 1e9
        self.section.v = self._clamp.amp2

    def set_concentrations(self) -> None:
        for name in self._asked["concentrations"]:
            setattr(self.section, name, self._concentration_mM)

    def move(self) -> None:
        """Halve every state, so that it moves even where neither voltage nor calcium does."""
        self.set_concentrations()
        for name in self._asked["states"]:
            where = self._where(name)
            setattr(where, name, getattr(where, name) / 2)

    def _density(self) -> Any:
        self.section.insert(self._asked["suffix"])
        return self.section

    def _point(self) -> Any:
        point = getattr(self._h, self._asked["suffix"])(self.section(0.5))
        if self._asked["receives"]:
            self._events = self._h.NetStim()
            self._events.start, self._events.number, self._events.interval = 5, 3, 7
            self._connection = self._h.NetCon(self._events, point, 0, 1, 1e-3)
        return point

    def _where(self, name: str) -> Any:
        own = self._asked["point"] and hasattr(self._mechanism, name)
        return self._mechanism if own else self.section(0.5)

    def _reference(self, name: str) -> Any:
        return getattr(self._where(name), f"_ref_{name}")


def _run(h: Any, patches: Sequence[_Patch]) -> dict[str, list[list[float]]]:
    _solve(h, patches)
    found: dict[str, list[list[float]]] = {}
    for patch in patches:
        for name, vector in patch.vectors.items():
            found.setdefault(name, []).append(vector.to_python()[::_KEPT])
    return found


def _solve(h: Any, patches: Sequence[_Patch]) -> None:
    for patch in patches:
        patch.set_concentrations()
    h.finitialize(_HOLDING_mV)
    for patch in patches:
        patch.move()
    h.CVode().re_init()
    context = h.ParallelContext()
    context.set_maxstep(10)
    context.psolve(_END_ms)


def _count_steps(h: Any, patches: Sequence[_Patch]) -> int:
    """Return how many steps CVODE takes: more, if a mechanism's Jacobian were wrong."""
    h.CVode().atol(_ATOL)
    times = h.Vector().record(h._ref_t)
    _solve(h, patches)
    return len(times)


def _rates(h: Any, patches: Sequence[_Patch]) -> dict[str, list[list[float]]]:
    """Return the derivative of each CVODE variable in released patches.

    First as the mechanisms were initialized, then 5 mV off, with a tenth less of all else: what
    was kept since the initialization, but has to be read anew, shows there.
    """
    for patch in patches:
        patch.set_concentrations()
        patch.release()
    h.finitialize()
    for patch in patches:
        patch.move()
    cvode = h.CVode()
    cvode.re_init()
    values, rates, label = h.Vector(), h.Vector(), h.ref("")
    cvode.states(values)
    names = []
    for number in range(len(values)):
        cvode.statename(number, label, 1)
        patch_name, _, variable = label[0].partition(".")
        names.append(f"d({variable})/dt of {patch_name.rpartition('_')[0]}")
    found: dict[str, list[list[float]]] = {name: [[], []] for name in names}
    for again in (0, 1):
        cvode.f(0, values, rates)
        for name, rate in zip(names, rates, strict=True):
            found[name][again].append(rate)
        named = zip(names, values, strict=True)
        values = h.Vector([x + 5 if "d(v(" in name else 0.9 * x for name, x in named])
    return found


if __name__ == "__main__":
    main()
