from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import MechanismError
from workbench.mechanisms import (
    BUILT_IN,
    Ion,
    Mechanism,
    MechanismSet,
    Parameter,
    combine,
    find_mechanism,
)
from workbench.nmodl import digest_sources

texts = st.text(st.characters(codec="utf-8"), max_size=30)
files = st.dictionaries(texts, texts, max_size=5)


def a_set(folder: str, *suffixes: str, file: str = "") -> MechanismSet:
    mechanisms = tuple(Mechanism(s, "density", file=file or f"{s}.mod") for s in suffixes)
    sources = tuple((m.file, "text") for m in mechanisms)
    return MechanismSet(folder, Path("/some") / folder, sources, mechanisms)


@given(files, st.randoms())
def test_digest_does_not_depend_on_order(given_files: dict[str, str], random: object) -> None:
    sources = list(given_files.items())
    shuffled = sources[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert digest_sources(tuple(sources)) == digest_sources(tuple(shuffled))


@given(files, files)
def test_digests_differ_when_files_do(one: dict[str, str], other: dict[str, str]) -> None:
    same = digest_sources(tuple(one.items())) == digest_sources(tuple(other.items()))
    assert same == (one == other)


@given(texts, texts, st.integers(0, 30))
def test_text_cannot_move_between_name_and_content(name: str, text: str, cut: int) -> None:
    joined = name + text
    moved = (joined[:cut], joined[cut:])
    if moved != (name, text):
        assert digest_sources((moved,)) != digest_sources(((name, text),))


def test_digest_of_a_set_does_not_name_its_place() -> None:
    assert a_set("here", "x", "y").digest == a_set("there", "x", "y").digest


def test_parameters_bear_neurons_names() -> None:
    channel = Mechanism(
        "Ih",
        "density",
        range_parameters=(Parameter("gIhbar", 1e-5, "S/cm2"),),
        global_parameters=(Parameter("slope", 1.0),),
    )
    synapse = Mechanism("Syn", "point", range_parameters=(Parameter("tau", 3.0, "ms"),))
    assert dict(channel.parameters) == {"gIhbar_Ih": Parameter("gIhbar", 1e-5, "S/cm2")}
    assert list(channel.globals) == ["slope_Ih"]
    assert list(synapse.parameters) == ["tau"]


def test_built_in_variables_bear_neurons_names() -> None:
    assert list(BUILT_IN["pas"].parameters) == ["g_pas", "e_pas"]
    assert list(BUILT_IN["cable"].parameters) == ["cm", "Ra"]
    assert "eca" in BUILT_IN["ca_ion"].parameters
    assert BUILT_IN["hh"].parameters["gnabar_hh"].default == 0.12


def test_combining_holds_all_mechanisms_and_neurons_own() -> None:
    found = combine([a_set("one", "x"), a_set("two", "y")])
    assert set(found) == {"x", "y", *BUILT_IN}
    assert set(combine([])) == set(BUILT_IN)


def test_a_suffix_in_two_files_is_refused_with_both_names() -> None:
    with pytest.raises(MechanismError, match="'x'") as raised:
        combine([a_set("one", "x", file="a.mod"), a_set("two", "x", file="b.mod")])
    assert "/some/one/a.mod" in str(raised.value)
    assert "/some/two/b.mod" in str(raised.value)


def test_a_suffix_twice_in_one_folder_is_refused() -> None:
    twice = MechanismSet(
        "one",
        Path("/one"),
        (("a.mod", ""), ("b.mod", "")),
        (Mechanism("x", "density", "a.mod"), Mechanism("x", "density", "b.mod")),
    )
    with pytest.raises(MechanismError, match=r"/one/b\.mod and by /one/a\.mod"):
        combine([twice])


def test_a_suffix_of_neurons_own_is_refused() -> None:
    with pytest.raises(MechanismError, match="NEURON itself"):
        combine([a_set("one", "hh")])


def test_a_file_name_in_two_folders_is_refused() -> None:
    with pytest.raises(MechanismError, match=r"a\.mod lies in /some/one and in /some/two"):
        combine([a_set("one", "x", file="a.mod"), a_set("two", "y", file="a.mod")])


def with_ion(folder: str, file: str, ion: Ion) -> MechanismSet:
    mechanism = Mechanism(file.removesuffix(".mod"), "density", file, ions=(ion,))
    return MechanismSet(folder, Path("/some") / folder, ((file, "text"),), (mechanism,))


def test_two_charges_of_an_ion_are_refused_with_both_files() -> None:
    one = with_ion("one", "x1.mod", Ion("mg", charge=1.0))
    with pytest.raises(MechanismError, match=r"'mg' has charge \+2 ") as raised:
        combine([one, with_ion("two", "x2.mod", Ion("mg", charge=2.0))])
    assert "/some/one/x1.mod" in str(raised.value)
    assert "/some/two/x2.mod" in str(raised.value)
    combine([one, with_ion("two", "x2.mod", Ion("mg")), with_ion("x", "x3.mod", Ion("cl"))])


def test_two_charges_of_an_ion_in_one_folder_are_refused_with_both_files() -> None:
    files = ("x1.mod", "x2.mod")
    channels = [
        Mechanism(file.removesuffix(".mod"), "density", file, ions=(Ion("mg", charge=charge),))
        for file, charge in zip(files, (1.0, 2.0), strict=True)
    ]
    both = MechanismSet("one", Path("/one"), tuple((f, "") for f in files), tuple(channels))
    with pytest.raises(MechanismError, match=r"\+2 in /one/x2\.mod .* \+1 in /one/x1\.mod"):
        combine([both])


@pytest.mark.parametrize(("ion", "charge"), [("na", 1.0), ("k", 1.0), ("ca", 2.0)])
def test_neuron_knows_the_charge_of_its_own_ions(ion: str, charge: float) -> None:
    combine([with_ion("one", "x.mod", Ion(ion, charge=charge))])
    with pytest.raises(MechanismError, match="NEURON itself"):
        combine([with_ion("one", "x.mod", Ion(ion, charge=-1.0))])


def test_an_unknown_suffix_names_the_nearest() -> None:
    with pytest.raises(MechanismError, match="did you mean 'SK_E2'"):
        find_mechanism("SK_E3", combine([a_set("one", "Ih", "SK_E2")]))
    assert find_mechanism("pas", BUILT_IN).suffix == "pas"
