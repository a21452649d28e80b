"""A small study, and what may stand in it besides numbers and bounds: a case for each.

`python -m tests.physics.exports.values stock|ours ASKED ANSWERED` evaluates problems in a process
of its own, by BluePyOpt with the exported tables or by us. The two are files of pickles.
"""

import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.builds import build
from workbench.engines.neuron.door import open_neuron
from workbench.exports.bluepyopt import evaluator
from workbench.exports.bluepyopt.tables import tables_of
from workbench.fitting import FitTask, Problem

ROOT = Path(__file__).parents[3]
Values = Mapping[str, float]

KG = """\
NEURON { SUFFIX kg NONSPECIFIC_CURRENT i RANGE g, ninf GLOBAL half, slope }
UNITS { (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }
PARAMETER { g = 1e-4 (S/cm2) half = -40 (mV) slope = 9 (mV) }
ASSIGNED { v (mV) i (mA/cm2) ninf }
STATE { n }
INITIAL { n = 1/(1 + exp(-(v - half)/slope)) }
BREAKPOINT { SOLVE states METHOD cnexp i = g*n*(v + 90) }
DERIVATIVE states { ninf = 1/(1 + exp(-(v - half)/slope)) n' = (ninf - n)/10 }
"""
CAL = """\
NEURON { SUFFIX cal USEION ca READ eca, cai WRITE ica RANGE g }
UNITS { (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) (mM) = (milli/liter) }
PARAMETER { g = 0 (S/cm2) }
ASSIGNED { v (mV) ica (mA/cm2) eca (mV) cai (mM) }
BREAKPOINT { ica = g*(v - eca) }
"""
SHAPE = """\
source = "Four cylinders"
section = [
    { region = "somatic", length_um = 20, diameter_um = 20 },
    { region = "basal", length_um = 150, diameter_um = 2, parent = 0, parent_x = 0.5 },
    { region = "apical", length_um = 300, diameter_um = 3, parent = 0 },
    { region = "apical", length_um = 200, diameter_um = 1.5, parent = 2 },
]
"""
CELL = """\
[conditions]
celsius_degC = 10
v_init_mV = -66
segments = { max_length_um = 40 }
[morphology]
file = "shape.toml"
[regions]
dendrites = ["basal", "apical"]
[distributions]
REGIONS
[mechanisms]
folders = ["mods"]
HELD
[mechanisms.insert]
all = ["pas", "kg"]
basal = ["cal"]
somatic = ["hh"]
[parameters.all]
cm = 1
Ra = 100
e_pas = -65
g_pas = 1e-4
"""
PROTOCOLS = """\
[pulse]
duration_ms = 40
recordings.soma = "soma(0.5)"
recordings.tip = "apic[1](0.9)"
recordings.na = { site = "soma(0.5)", variable = "ina" }
stimuli = [
    { type = "step", site = "soma(0.5)", delay_ms = 10, duration_ms = 20, amplitude_nA = 0.6 },
]
"""
TARGETS = """\
[pulse.soma.features]
Spikecount = [2, 0.5]
voltage_base = [-70, 1]
maximum_voltage = [20, 10]
steady_state_voltage_stimend = [-50, 3]
[pulse.tip.features]
maximum_voltage = [-30, 10]
steady_state_voltage_stimend = [-50, 3]
"""
STUDY = 'title = "Small"\n[integrator]\ndt_ms = 0.025\n'


@dataclass(frozen=True)
class Case:
    """What is added to the files, and two parameter sets."""

    cell: str = ""
    distributions: str = ""
    held: str = ""
    protocols: str = ""
    targets: str = ""
    first: Values = field(default_factory=dict)
    second: Values = field(default_factory=dict)

    @property
    def sets(self) -> tuple[Values, ...]:
        return tuple(one for one in (self.first, self.second) if one)

    def _cell(self) -> str:
        filled = CELL.replace("REGIONS", self.distributions)
        return filled.replace("HELD", f"hold = {self.held}" if self.held else "") + self.cell

    def write(self, folder: Path) -> Path:
        """Write the study."""
        (folder / "mods").mkdir(parents=True)
        files = {
            "mods/kg.mod": KG,
            "mods/cal.mod": CAL,
            "shape.toml": SHAPE,
            "cell.toml": self._cell(),
            "protocols.toml": PROTOCOLS + self.protocols,
            "targets.toml": TARGETS + self.targets,
            "study.toml": STUDY,
        }
        for name, text in files.items():
            (folder / name).write_text(text)
        return folder


def scores(
    who: str, asked: Sequence[tuple[Problem, Sequence[Values]]]
) -> list[list[dict[str, float]]]:
    """Return the scores of each problem's parameter sets, by objective, of `stock` or of `ours`."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "asked", Path(folder) / "answered"]
        files[0].write_bytes(pickle.dumps(asked))
        command = [sys.executable, "-m", "tests.physics.exports.values", who, *map(str, files)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        found: list[list[dict[str, float]]] = pickle.loads(files[1].read_bytes())
    return found


def _stock(problem: Problem, sets: Sequence[Values]) -> list[dict[str, float]]:
    open_neuron(build(problem.recipe.mechanisms, coreneuron=False))
    stock = evaluator.create(json.loads(json.dumps(tables_of(problem))))
    return [stock.evaluate_with_dicts(dict(values)) for values in sets]


def _ours(problem: Problem, sets: Sequence[Values]) -> list[dict[str, float]]:
    evaluate = FitTask(problem).open()
    names = [objective.name for objective in problem.objectives]
    each = [problem.score(evaluate(problem.row(values))).tolist() for values in sets]
    return [dict(zip(names, one, strict=True)) for one in each]


if __name__ == "__main__":
    _, who, asked, answered = sys.argv
    of = {"stock": _stock, "ours": _ours}[who]
    given = pickle.loads(Path(asked).read_bytes())
    Path(answered).write_bytes(pickle.dumps([of(*one) for one in given]))
