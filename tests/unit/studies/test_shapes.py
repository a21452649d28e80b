"""What a study says of its morphology: a unit, kinds, and regions that have to be there."""

import re

import pytest

from workbench.engines.neuron import check
from workbench.errors import InputError, MorphologyError
from workbench.morphology import load_morphology
from workbench.studies import cells, load_study

SWC = """1 1 0 0 0 8 -1
2 3 0 8 0 1 1
3 5 0 60 0 0.8 2
4 3 20 100 0 0.6 3
5 6 -20 100 0 0.6 3
"""
CELL = """[conditions]
celsius_degC = 6.3
v_init_mV = -65
[morphology]
file = "cell.swc"
kinds = { 5 = "basal", 6 = "parent" }
[mechanisms.insert]
all = ["pas"]
[parameters.all]
g_pas = [1e-5, 1e-3]
"""
PROTOCOLS = """[step]
duration_ms = 20
recordings = { soma = "soma(0.5)" }
stimuli = [
    { type = "step", site = "soma(0.5)", delay_ms = 5, duration_ms = 10, amplitude_nA = 0.3 },
]
"""


@pytest.fixture
def study(tmp_path, monkeypatch):
    # The same file with another content each time.
    monkeypatch.setattr(cells, "load_morphology", load_morphology)

    def study(swc=SWC, cell=CELL, protocols=PROTOCOLS):
        (tmp_path / "cell.swc").write_text(swc)
        (tmp_path / "cell.toml").write_text(cell)
        (tmp_path / "protocols.toml").write_text(protocols)
        (tmp_path / "study.toml").write_text('title = "shapes"\n[integrator]\ndt_ms = 0.025\n')
        (tmp_path / "targets.toml").write_text("[step.soma.features]\nvoltage_base = [-65, 1]\n")
        return load_study(tmp_path)

    return study


def refused(study):
    [protocol] = study.problem.protocols
    with pytest.raises(MorphologyError) as caught:
        check(study.problem.recipe, [protocol], study.problem.integrator)
    return str(caught.value)


def test_kinds_and_a_unit(study):
    mapped = study().problem.recipe.morphology
    assert mapped.names == ("soma[0]", "dend[0]", "dend[1]", "dend[2]")
    rows = [row.split() for row in SWC.splitlines()]
    in_nm = "".join(
        " ".join([*row[:2], *(str(float(x) * 1000) for x in row[2:6]), row[6]]) + "\n"
        for row in rows
    )
    named = CELL.replace("kinds =", 'unit = "nm"\nkinds =')
    assert study(in_nm, named).problem.recipe.morphology == mapped
    assert "name the unit" in refused(study(in_nm))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("5 =", "five =", "morphology.file: kinds: 'five' is no number of a kind"),
        ('"parent"', '"apcal"', "morphology.kinds.6: must be"),
        ("5 =", "3 =", "kinds: 3 is basal in every SWC file"),
        (', 6 = "parent"', "", "line 5: unknown kind of point '6'"),
        ("kinds =", 'unit = "parsec"\nkinds =', "unit 'parsec': .* allowed units: um, nm, mm"),
        ("[parameters.all]", "[parameters.apical]", "apical.g_pas: it is free, and the cell has"),
    ],
)
def test_mistakes_are_told_with_their_key(study, old, new, message):
    with pytest.raises(InputError, match=message) as caught:
        study(cell=CELL.replace(old, new))
    assert re.search(r"cell\.toml: (morphology|parameters)\.", str(caught.value))


def test_a_recording_in_a_region_without_a_section(study):
    far = PROTOCOLS.replace('soma = "soma(0.5)"', 'soma = "soma(0.5)", far = "apical@50um"')
    with pytest.raises(InputError, match=r"no apical section at 50 um .*: this cell has no apical"):
        study(protocols=far)


def test_a_shape_that_cannot_be_simulated_is_read_and_not_run(study):
    """A run that was made before it was refused can still be looked at."""
    found = study(SWC.replace("60 0 0.8", "60 0 0").replace("5 6 -20 100 0 0.6", "5 6 -20 100 0 0"))
    assert "morphology cell (cell.swc): cell.swc, line 3: dend[0]" in refused(found)
