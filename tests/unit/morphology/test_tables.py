"""Tables of cylinders, and what may stand in them."""

import pytest

from workbench.errors import MorphologyError
from workbench.morphology import load_morphology

TABLE = """source = "a test"
[[section]]
region = "somatic"
length_um = 20
diameter_um = 20.5
[[section]]
region = "basal"
length_um = 200
diameter_um = 2
parent = 0
parent_x = 0.5
"""


@pytest.fixture
def load(tmp_path):
    def load(text):
        file = tmp_path / "cell.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_morphology(file)

    return load


def test_a_table_is_a_tree_of_cylinders(load):
    cell = load(TABLE)
    assert cell.names == ("soma[0]", "dend[0]")
    assert cell.sections[1].parent_x == 0.5
    assert cell.length_um() == 220
    assert cell.source == "a test"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("= 20\n", '= "20 um"\n', "section 0: length_um is '20 um', and must be a number, without"),
        ("= 20\n", "= true\n", "section 0: length_um is True"),
        ("= 20\n", "= nan\n", "section 0: length_um is nan"),
        ("= 20\n", "= 1e308\n", "section 0: length_um is 1e\\+308.* of at most 1e\\+09"),
        ("= 20\n", "= {}\n", "section 0: length_um is {}"),
        ("= 20\n", "= -20\n", "cylinder of length -20 um"),
        ("= 20\n", f"= {'9' * 300}\n", "a whole number of 997 bits"),
        ("20.5", "1979-05-27", "section 0: diameter_um is datetime.date"),
        ("parent = 0", "parent = 1e-300", "section 1: parent is 1e-300, and must be the number of"),
        ("parent = 0", "parent = 7", "section 1 of 'cell' has parent 7"),
        ("x = 0.5", 'x = "0.5"', "section 1: parent_x is '0.5'"),
        ("x = 0.5", "x = 1.5", "parent_x 1.5: a place on a section is 0 to 1"),
        ('"basal"', '"basla"', "section 1: unknown region 'basla'; did you mean 'basal'"),
        ('"basal"', "5e-324", "section 1: unknown region '5e-324'"),
        ("length_um = 200", "lenght_um = 200", "section 1: unknown key 'lenght_um'; did you mean"),
        ("length_um = 200\n", "", "section 1: the key length_um is missing"),
        ("source", "sauce", "unknown key 'sauce'; did you mean 'source'"),
        ("[[section]]", "[section]", "cell.toml"),
        ('source = "a test"', "section = []", "cell.toml"),
        ('source = "a test"', "x = " + "[" * 500 + "]" * 500, "nested"),
    ],
)
def test_mistakes_are_told_with_their_section(load, old, new, message):
    assert old in TABLE
    with pytest.raises(MorphologyError, match=message) as caught:
        load(TABLE.replace(old, new, 1))
    assert "cell.toml" in str(caught.value)


def test_other_bytes_than_text(load):
    with pytest.raises(MorphologyError, match=r"cell\.toml:3: this is not text in UTF-8"):
        load(TABLE.encode().replace(b"somatic", b"s\xf6matic"))
