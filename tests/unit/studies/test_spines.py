"""`[[spines]]` of cell.toml."""

import pytest

from tests.unit.studies.test_places import FILES
from workbench.cells import Spines
from workbench.errors import InputError
from workbench.studies import load_study
from workbench.studies.notes import notes_of

CELL = FILES["cell.toml"].partition("[place.")[0]
SPINES = '[[spines]]\nregion = "apical"\ndensity_per_um = 1.5\narea_um2 = 0.83\n'


@pytest.fixture
def load(tmp_path):
    def load(tables):
        for name in ("shape.toml", "targets.toml", "study.toml"):
            (tmp_path / name).write_text(FILES[name])
        (tmp_path / "protocols.toml").write_text(
            '[train]\nduration_ms = 10\nrecordings = { soma = "soma(0.5)" }\n'
        )
        (tmp_path / "cell.toml").write_text(CELL + tables)
        return load_study(tmp_path).problem

    return load


def test_a_table_is_a_value_and_another_problem(load):
    plain, spiny = load(""), load(SPINES)
    assert spiny.recipe.spines == (Spines("apical", 1.5, 0.83),)
    assert plain.recipe.spines == ()
    assert plain.digest != spiny.digest
    thin = load(SPINES + 'max_diameter_um = "1500 nm"\nscaled = ["cm"]\n')
    assert thin.recipe.spines == (Spines("apical", 1.5, 0.83, 1.5, ("cm",)),)
    [note] = [note for note in notes_of(thin) if "spines" in note]
    assert (
        note == "the cell has no apical section thinner than 1.5 um: its spines are without effect"
    )


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (SPINES.replace("apical", "apcal"), "spines: .*unknown region 'apcal'"),
        (SPINES.replace("1.5", "-1"), "spines: density_per_um is -1"),
        (SPINES.replace("area_um2 = 0.83", ""), "spines.0.area_um2"),
        (
            SPINES + 'scaled = ["gl_hh"]\n',
            r"spines: .*spines of apical scale gl_hh, which has no value in apic",
        ),
        (SPINES + "neck = 1\n", "spines.0.neck"),
    ],
)
def test_mistakes_have_their_key(load, tables, message):
    with pytest.raises(InputError, match=rf"cell\.toml: {message}"):
        load(tables)
