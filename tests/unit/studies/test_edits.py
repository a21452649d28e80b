"""`[[morphology.edit]]`: the same words as the command line and Python, in their order."""

import pytest

from tests.unit.morphology.edits.test_every_edit import CASES
from tests.unit.morphology.seeded import shape
from workbench.errors import InputError
from workbench.morphology import EDITS, Morphology, edit_morphology
from workbench.runs.record import ProblemRecord
from workbench.studies import cells, load_study

CELL = """[conditions]
celsius_degC = 6.3
v_init_mV = -65
[morphology]
file = "cell.swc"
{edits}
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


def toml(value):
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def table(text):
    """Return an edit as the table that a study has for it."""
    name, _, given = text.partition(" ")
    values = EDITS[name].read(given).items()
    return "\n".join(
        ["[[morphology.edit]]", f'type = "{name}"', *(f"{n} = {toml(v)}" for n, v in values)]
    )


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "load_morphology", lambda *_, **__: shape(1, 12))

    def study(*edits):
        (tmp_path / "cell.swc").write_text("")
        (tmp_path / "cell.toml").write_text(CELL.format(edits="\n".join(edits)))
        (tmp_path / "protocols.toml").write_text(PROTOCOLS)
        (tmp_path / "study.toml").write_text('title = "edited"\n[integrator]\ndt_ms = 0.025\n')
        (tmp_path / "targets.toml").write_text("[step.soma.features]\nvoltage_base = [-65, 1]\n")
        return load_study(tmp_path)

    return study


@pytest.mark.parametrize("case", CASES)
def test_a_table_does_what_the_text_does_and_the_record_tells_it(study, case):
    loaded = study(table(case))
    shape_: Morphology = loaded.problem.recipe.morphology
    assert shape_ == edit_morphology(shape(1, 12), case)
    kept = ProblemRecord.of(loaded.problem).cell
    assert kept.morphology_digest == shape_.digest
    assert edit_morphology(shape(1, 12), *kept.edits).digest == kept.morphology_digest


def test_their_order_is_kept(study):
    one, other = "scale-lengths all=2", "prune-distance all=60"
    both = study(table(one), table(other)).problem.recipe.morphology
    assert both == edit_morphology(shape(1, 12), one, other)
    assert both != study(table(other), table(one)).problem.recipe.morphology


def test_lengths_may_have_units(study):
    given = '[[morphology.edit]]\ntype = "prune-distance"\nregion = "all"\ndistance_um = "0.06 mm"'
    assert study(given).problem.recipe.morphology == edit_morphology(
        shape(1, 12), "prune-distance all=60"
    )


@pytest.mark.parametrize(
    ("case", "old", "new", "message"),
    [
        ("scale-lengths all=2", "factor = 2.0", "", r"morphology\.edit\.0\.factor: "),
        ("scale-lengths all=2", "factor", "fctor", "unknown key 'fctor'; did you mean 'factor'"),
        ("scale-lengths all=2", '"scale-lengths"', '"stretch"', r"edit\.0\.type|stretch"),
        ("scale-lengths all=2", '"all"', '"apcal"', r"edit\.0: scale-lengths: unknown region 'apc"),
        ("prune-order all=2", "= 2", '= "two"', "must be a whole number"),
    ],
)
def test_mistakes_are_told_with_their_key(study, case, old, new, message):
    with pytest.raises(InputError, match=message) as caught:
        study(table(case).replace(old, new))
    assert "cell.toml: morphology.edit.0" in str(caught.value)
