"""What is generated for a mechanism can be read, or why nothing is."""

import pytest

from workbench.engines.population.showing import mechanism_text
from workbench.errors import EngineError, MechanismError
from workbench.mechanisms import read_mechanisms


def test_the_text_is_the_file():
    [text] = [t for file, t in read_mechanisms("hay_l5b").sources if file == "SKv3_1.mod"]
    assert mechanism_text("SKv3_1") == text
    assert mechanism_text("SKv3_1", folder="hay_l5b") == text


def test_the_generated_text_tells_what_its_arrays_hold():
    text = mechanism_text("NaTs2_t", generated=True)
    assert text.startswith("// s: 0 m, 1 h\n// shared: 0 celsius, 1 gNaTs2_tbar_NaTs2_t\n")
    assert "struct Membrane0 {" in text


def test_globals_are_told():
    assert "opening_kca_ms" in mechanism_text("kca_ms", generated=True).partition("struct")[0]


def test_a_synapse_is_shown_with_what_an_event_does():
    text = mechanism_text("GABAA", generated=True)
    assert text.startswith("// s: 0 rise, 1 decay\n// shared: 0 celsius\n// own: ")
    assert "INLINED void receive(Vec v, Vec weight" in text


@pytest.mark.parametrize(
    ("error", "said", "asked"),
    [
        (EngineError, "EPSPCurrent.mod, line 39: it calls net_send", ("EPSPCurrent", None, True)),
        (MechanismError, "hh is NEURON's own", ("hh", None, False)),
        (MechanismError, "unknown mechanism 'SKv3'", ("SKv3", None, False)),
        (MechanismError, "unknown mechanism 'GABAA'", ("GABAA", "hay_l5b", True)),
    ],
)
def test_what_is_not_there_is_refused(error, said, asked):
    name, folder, generated = asked
    with pytest.raises(error) as refused:
        mechanism_text(name, folder=folder, generated=generated)
    assert said in str(refused.value)
