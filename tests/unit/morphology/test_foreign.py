"""Files that MorphIO reads, in a child: read once, and whatever it does ends in an input error."""

import pytest

from tests.unit.morphology.mutations import ASC
from workbench.errors import MorphologyError
from workbench.morphology import load_morphology, reconstruction
from workbench.questions import ChildFailed

ABRUPT = [
    ASC.encode()[:100].replace(b"Red", b"\xcfed"),
    ASC.encode().replace(b"(20 0 0 2)", b"(\xcf 0 0 2)"),
    b"(|||||||||" + ASC.encode(),
    b'("CellBo' + b"1e999 " * 400,
    b"(" * 100_000,
    ASC.encode().replace(b"(10 0 0 2)", b"(1e999 0 0 2)"),
    ASC.encode().replace(b"(10 0 0 2)", b"(nan 0 0 2)"),
    ASC.encode().replace(b"(10 0 0 2)", b"(1" + b"0" * 400 + b" 0 0 2)"),
]


@pytest.fixture
def asked(monkeypatch):
    """Count the children that are asked, or let each of them end in some way."""
    reconstruction._asked.cache_clear()
    calls = []

    def count(ask):
        def asks(*question):
            calls.append(question)
            return ask(*question)

        monkeypatch.setattr(reconstruction, "ask", asks)
        return calls

    yield count
    reconstruction._asked.cache_clear()


@pytest.mark.parametrize("content", ABRUPT)
def test_a_damaged_file_is_an_input_error(tmp_path, content):
    file = tmp_path / "cell.asc"
    file.write_bytes(content)
    with pytest.raises(MorphologyError, match=r"cell\.asc.*(line|section) \d|cell\.asc: it cannot"):
        load_morphology(file)


def test_a_child_that_dies_or_hangs_says_so(tmp_path, asked):
    def dies(*question):
        raise ChildFailed("exit status -11")

    file = tmp_path / "cell.h5"
    file.write_bytes(b"\x89HDF")
    asked(dies)
    with pytest.raises(MorphologyError, match=r"cell\.h5: MorphIO.*exit status -11.* damaged"):
        load_morphology(file)


def test_a_file_is_opened_once_in_a_process_until_it_changes(tmp_path, asked):
    calls = asked(reconstruction.ask)
    file = tmp_path / "cell.asc"
    file.write_text(ASC)
    first = load_morphology(file)
    assert load_morphology(file) == first
    assert len(calls) == 1
    file.write_text(ASC.replace("(20 0 0 2)", "(21 0 0 2)"))
    assert load_morphology(file) != first
    assert len(calls) == 2


def test_letters_of_other_alphabets_are_read_over(tmp_path):
    plain, accented = tmp_path / "plain.asc", tmp_path / "accented.asc"
    plain.write_text(ASC)
    accented.write_bytes(ASC.replace("Color Red", "Color Röd; Zürich\n").encode("latin-1"))
    assert load_morphology(plain) == load_morphology(accented)


def test_a_stack_of_outlines_keeps_the_lines_of_what_follows(tmp_path):
    outline = ASC.splitlines()[0]
    file = tmp_path / "cell.asc"
    file.write_text("\n".join([outline, outline.replace(" 0 1)", " 4 1)"), "((Axon) (0 0 0"]))
    with pytest.raises(MorphologyError, match="line 3"):
        load_morphology(file)
