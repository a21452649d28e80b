"""What CONTRIBUTING.md shows works as it is written, as a module beside the workbench."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
BLOCKS = re.findall(r"```python\n(.*?)```", (TOP / "CONTRIBUTING.md").read_text(), re.DOTALL)

FEATURE = """
import numpy as np
from workbench.features import Missing, Window, measure
from workbench.protocols import Trace

# From -70 mV up by 10 mV within 10 ms: a triangle of 50 mV ms.
t_ms = np.linspace(0, 20, 201)
trace = Trace("soma.v", t_ms, -70 + np.clip(t_ms - 5, 0, 10))
[area] = measure(trace, ["depolarisation_area"], Window(5, 15))["depolarisation_area"]
assert abs(area - 50) < 1e-9
empty = Trace("soma.v", t_ms[:40], trace.values[:40])
[none] = measure(empty, ["depolarisation_area"], Window(5, 15)).values()
assert isinstance(none, Missing)
"""
SEARCH = """
import pytest
from workbench.search import registry

registry.GENERATIONAL["narrowing"] = registry.ALGORITHMS["narrowing"] = ("shown", "Narrowing")
sys.exit(pytest.main(["-q", "-k", "narrowing", "-p", "no:cacheprovider", CONTRACT]))
"""
RULE = """
from workbench.nmodl import lint

[remark] = [one for one in lint(FOLDER) if one.rule == "celsius-assigned"]
assert (remark.file, remark.line) == ("warm.mod", 4)
"""
EDIT = """
from workbench.morphology import Cylinder, cylinder_tree

before = cylinder_tree("b", [Cylinder("somatic", 20, 20), Cylinder("basal", 200, 2, parent=0)])
after = shown.thicken(before, region="basal", by_um=4.0)
area, thick = (cell.sections[1].area_um2 for cell in (before, after))
assert abs(thick - 3 * area) < 1e-6 * thick
assert after.sections[0].area_um2 == before.sections[0].area_um2
assert after.path_distance_um("dend[0]", 1.0) == before.path_distance_um("dend[0]", 1.0)
assert after.edits == ("thicken region=basal,by_um=4.0",)
"""
STIMULUS = """
import numpy as np
from workbench.morphology import parse_site
from workbench.protocols import Protocol

hold = shown.Hold(parse_site("soma(0.5)"), 5.0, "level")
[bound] = Protocol("held", 20.0, (hold,), (), {"level": -0.1}).bound().stimuli
assert bound.current_nA(np.array([0.0, 5.0, 20.0])).tolist() == [0.0, -0.1, -0.1]
assert bound.window_ms(20.0) == bound.jumps_ms(20.0) == (5.0, 20.0)
assert bound.words(20.0) == "a hold of -0.1 nA into soma[0](0.5) from 5 to 20 ms"
assert Protocol("held", 20.0, (bound,)).step_nA(5.0, 20.0) is None

class Nrn:
    class IClamp:
        def __init__(self, segment):
            self.segment = segment

made = shown.clamp(bound, Nrn, "soma", None).process
assert (made.segment, made.delay, made.dur, made.amp) == ("soma", 5.0, 1e9, -0.1)
"""
IN_CLAMPS = """
from typing import Any
from workbench.engines.neuron.clamps import FOREVER_ms, Clamp, Run, clamp
"""
MOD = """NEURON { SUFFIX warm NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (mA/cm2) celsius (degC) }
INITIAL {
    celsius = 34
}
BREAKPOINT { i = 0 }
"""


*ALONE, VALUE, FUNCTION = BLOCKS
EXAMPLES = [*ALONE, "\n".join([VALUE, IN_CLAMPS, FUNCTION])]


@pytest.mark.parametrize(
    ("block", "check"), list(zip(EXAMPLES, [FEATURE, SEARCH, RULE, EDIT, STIMULUS], strict=True))
)
def test_an_example_does_as_it_says(block: str, check: str, tmp_path: Path) -> None:
    (tmp_path / "shown.py").write_text(block)
    (tmp_path / "channels").mkdir()
    (tmp_path / "channels" / "warm.mod").write_text(MOD)
    script = f"import sys\nimport shown\n{check}"
    script = script.replace("FOLDER", repr(str(tmp_path / "channels")))
    script = script.replace("CONTRACT", repr("tests/unit/search/test_contract.py"))
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=TOP,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
