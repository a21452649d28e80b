"""An imported hoc cell with channels of its own does what NEURON does with the file."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from tests.unit.imports.allen_model import write_model
from tests.unit.imports.hoc_cells import LOOPS
from workbench.builds import build
from workbench.errors import InputError
from workbench.resources import shipped

CHANNELS = """\
celsius = 34
soma {
    uninsert hh
    insert NaTs2_t insert SKv3_1 insert Ca_HVA insert CaDynamics_E2 insert SK_E2
    gNaTs2_tbar_NaTs2_t = 1 gSKv3_1bar_SKv3_1 = 0.3 gCa_HVAbar_Ca_HVA = 5e-4
    gSK_E2bar_SK_E2 = 0.01 gamma_CaDynamics_E2 = 0.01 decay_CaDynamics_E2 = 150
    ena = 50 ek = -85
}
axon { uninsert hh }
apic[0] { insert Ih gIhbar_Ih = 1e-4 }
apic[1] { insert Ih gIhbar_Ih = 5e-4 }
"""


@pytest.fixture
def model(tmp_path):
    folder = write_model(tmp_path / "model")
    for name in ("Ca_HVA", "CaDynamics_E2", "SK_E2"):
        text = (shipped("mechanisms") / "hay_l5b" / f"{name}.mod").read_text()
        (folder / "modfiles" / f"{name}.mod").write_text(text)
    (folder / "cell.hoc").write_text(LOOPS + CHANNELS)
    return folder


def by_neuron(study, file, tmp_path):
    """Return the voltage of the soma as NEURON computes it from the file itself."""
    library = build(study.problem.recipe.mechanisms, coreneuron=False).library
    script = Path(__file__).with_name("plain_hoc.py")
    command = [sys.executable, str(script), str(library), str(file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return np.array(json.loads(done.stdout.splitlines()[-1]))


def check_the_same_voltage(study, file, tmp_path):
    theirs = by_neuron(study, file, tmp_path)
    cell = wb.load_cell(study).with_engine(wb.EngineChoice(dt=0.025))
    ours = wb.simulate(cell, "clamps")["soma.v"].values
    assert ours.max() > 0
    # Both begin with one sample at 0 ms; the sums of steps at the end may differ by one.
    both = min(len(ours), len(theirs))
    assert both > 7990
    np.testing.assert_allclose(ours[:both], theirs[:both], atol=1e-6)


def test_the_same_voltage(model, tmp_path):
    study = wb.import_study("hoc", model / "cell.hoc", trust_hoc=True, out=tmp_path / "study")
    check_the_same_voltage(study, model / "cell.hoc", tmp_path)


POOL = """\
NEURON { SUFFIX pool USEION ca READ ica, cai WRITE cai RANGE tau }
UNITS { (mA) = (milliamp) (mM) = (milli/liter) }
PARAMETER { tau = 20 (ms) }
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
BREAKPOINT { SOLVE states METHOD cnexp }
DERIVATIVE states { cai' = -0.01*ica - (cai - 1e-4)/tau }
"""
CALCIUM = """\
NEURON { SUFFIX lva USEION ca READ eca WRITE ica RANGE gbar GLOBAL half }
UNITS { (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }
PARAMETER { gbar = 1e-4 (S/cm2) half = -40 (mV) }
ASSIGNED { v (mV) eca (mV) ica (mA/cm2) }
STATE { m }
INITIAL { m = 1/(1 + exp(-(v - half)/7)) }
BREAKPOINT { SOLVE states METHOD cnexp ica = gbar*m*(v - eca) }
DERIVATIVE states { m' = (1/(1 + exp(-(v - half)/7)) - m)/5 }
"""
READS = """\
NEURON { SUFFIX reads NONSPECIFIC_CURRENT i POINTER seen }
ASSIGNED { v (mV) i (mA/cm2) seen (mA/cm2) }
BREAKPOINT { i = seen }
"""
# The pool has no INITIAL, so cai begins where NEURON or the file has it.
IONS = f"""{LOOPS}
soma {{ insert lva insert pool gbar_lva = 5e-4 }}
dend[0] {{ insert lva }}
half_lva = -52
cai0_ca_ion = 3e-4
"""
STYLES = {
    "computed": "",
    "computed as by itself": 'soma ion_style("ca_ion", 3, 2, 1, 1, 1)\n',
    "held": 'forall if (ismembrane("ca_ion")) { eca = 110 ion_style("ca_ion", 3, 1, 0, 0, 1) }\n',
}


@pytest.fixture(scope="module")
def channels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("channels")
    (folder / "lva.mod").write_text(CALCIUM)
    (folder / "pool.mod").write_text(POOL)
    (folder / "reads.mod").write_text(READS)
    return folder


@pytest.fixture
def imported(channels, tmp_path):
    def imported(text):
        (tmp_path / "cell.hoc").write_text(text)
        given = {"mechanisms": channels, "trust_hoc": True, "out": tmp_path / "study"}
        return wb.import_study("hoc", tmp_path / "cell.hoc", **given)

    return imported


@pytest.mark.parametrize("style", STYLES)
def test_globals_and_styles_of_ions(imported, tmp_path, style):
    study = imported(IONS + STYLES[style])
    recipe = study.problem.recipe
    assert recipe.global_values == {"half_lva": -52, "cai0_ca_ion": 3e-4}
    assert recipe.held == (("eca",) if style == "held" else ())
    check_the_same_voltage(study, tmp_path / "cell.hoc", tmp_path)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('soma { eca = 110 ion_style("ca_ion", 3, 1, 0, 0, 0) }', "cai.* were before"),
        (
            f"dend[0] insert pool\n{STYLES['held']}soma " + 'ion_style("ca_ion", 3, 2, 1, 1, 1)',
            "holds eca in some sections",
        ),
        ('dend[0] ion_style("ca_ion", 3, 2, 1, 1, 1)', r"dend\[0\] has NEURON compute eca"),
        ('soma ion_style("ca_ion", 3, 2, 1, 0, 1)', r"soma has NEURON compute eca otherwise"),
        ('soma ion_style("na_ion", 3, 2, 1, 1, 0)', r"soma has NEURON compute ena otherwise"),
    ],
)
def test_styles_that_cannot_be_said(imported, tmp_path, more, said):
    with pytest.raises(InputError, match=said):
        imported(f"{IONS}{more}\n")
    assert not (tmp_path / "study").exists()


def test_globals_of_what_no_section_has(imported, tmp_path):
    study = imported(f"{LOOPS}half_lva = -52\n")
    assert study.problem.recipe.global_values == {}
    assert "no section has: half_lva = -52." in (study.folder / "README.md").read_text()


def test_a_pointer_is_named_and_nothing_is_run_without_it(imported):
    """A run would end the process."""
    more = "soma insert reads\nproc init() { finitialize(-66) }\n"
    study = imported(f"{LOOPS}{more}")
    assert study.problem.recipe.v_init_mV == -70
    assert "What POINTER seen of reads reads is not" in (study.folder / "README.md").read_text()
