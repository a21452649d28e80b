"""Files that MorphIO reads, in a child: read once, and whatever it does ends in an input error."""

import base64
import zlib

import pytest

from tests.unit.morphology.mutations import ASC
from workbench.errors import MorphologyError
from workbench.morphology import load_morphology
from workbench.morphology.readers import reconstruction
from workbench.questions import ChildFailed

# An .h5 file of which bytes were changed, compressed: HDF5 overruns its memory on it.
CRASHING_H5 = (
    "c-rll%}(1u5P)ZGlNw0dfDnI|?xBaA5K`4MBq5MWEkSJ$y%iT+5jB5u3@TEka->opBI3l60}lW_R6X`l`Uc?j&L-=v6C"
    "~QwL*|pB-I*QFZf0lgvA<N-*6&X&PJqC5!GRp;Tp^G*WMms#hV3!7r<T&&@z^}-bLgK>OSz5u*DuRuVSQzw=2>>s^~5M"
    "rDHpax`$pvhwm+<-UAt9lh8=)T80_za`+<-8h97#nUg&|5ulXD1Wss4!Ov&;JW=X{?+F^SBCfiZw3(G0~2z4ChT$uZe<"
    "742)<CY~Ix_DA-7IozbWBPigQ7x1wrO6Kfdw04IuQsb|;!JaO-ZRN~ssnn4di)c>?csjax&Amd8u@%vUb(&efmGR!A|@"
    "<zF7)zhcs^~9C-2yU@~Qow;^Cw|C-V0&p9b6qR9t>$On;KCzqGz7m7zv{XJHlRbEEz|9QZ+})@sIP`o1tGSEO!NmbOkO"
    "_ESMQ8~fSu>-D$qy+*Bm*qb)ZA2a^%pK-JT&|Q^3CG$ec_(l4-2u62^EbM<3`q#wQ7b7!GPPM=6%a4mmS)kU7n*o(#x~"
    "$gwRg=Zs=f$MIg#BgGz8lHk4SPKv@g9A{`B&85h+4+c&Tj_$Vr*RNXSHX?1ME9-{=vHH&uIBW5ClOGw?V#l!@&1$Vzg0"
    "pulZdki<PygduK$w+G;fXW(W&WU7EvsRezHiRIe^TzvyQaZh|0)J7c3%ea^J+8j1UIL@DsS(BI|n4*82#(B6Ai<p)oeo"
    "-QpLel8wTED3@j2!bF8g19xGC<FxYkGTdM$CoY"
)

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


def test_a_file_that_crashes_its_library(tmp_path):
    file = tmp_path / "cell.h5"
    file.write_bytes(zlib.decompress(base64.b85decode(CRASHING_H5)))
    with pytest.raises(MorphologyError, match=r"cell\.h5: MorphIO.*ended without an"):
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


def test_numbers_are_read_as_neuron_reads_them(tmp_path):
    whole, short = tmp_path / "whole.asc", tmp_path / "short.asc"
    whole.write_text(ASC.replace("(41 -10", "(-0.25 -10"))
    written = {"0.5)": ".5)", "(0 -40": "(0. -40.", "(20 0": "(2.e1 0", "(41 -10": "(-.25 -10"}
    text = ASC
    for long, brief in written.items():
        assert long in text
        text = text.replace(long, brief)
    short.write_text(text)
    assert load_morphology(short) == load_morphology(whole)


def test_a_stack_of_outlines_is_a_soma_of_neurons_alone(tmp_path):
    outline, *trees = ASC.splitlines()
    file = tmp_path / "cell.asc"
    file.write_text("\n".join([outline, outline.replace(" 0 1)", " 4 1)"), *trees]))
    cell = load_morphology(file)
    assert len(cell.sections[0].points) == 2
    assert any("a stack of 2 outlines" in note for note in cell.notes)
    with pytest.raises(MorphologyError, match="NeuroM's, which refuses a soma of several outlines"):
        load_morphology(file, "sphere")
    whole = load_morphology(file, "cylinder")
    assert whole.area_um2("somatic") == pytest.approx(cell.area_um2("somatic"), rel=1e-6)


def test_a_stack_of_outlines_keeps_the_lines_of_what_follows(tmp_path):
    outline = ASC.splitlines()[0]
    file = tmp_path / "cell.asc"
    file.write_text("\n".join([outline, outline.replace(" 0 1)", " 4 1)"), "((Axon) (0 0 0"]))
    with pytest.raises(MorphologyError, match="line 3"):
        load_morphology(file)
