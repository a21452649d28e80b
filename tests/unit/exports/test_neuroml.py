"""A model as NeuroML has it: the papers' rates, the cell's shape; the rest is refused by name."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import cells
from tests.physics.exports.models import small_study
from tests.unit.exports.small_problem import VALUES
from workbench.engines.population.graph import Graph
from workbench.exports.formats import format_named
from workbench.exports.model import Model, model_of
from workbench.exports.neuroml.cell import cell_of
from workbench.exports.neuroml.kinetics import plainly
from workbench.exports.neuroml.lems import MOST_CASES, Unsaid, derive
from workbench.exports.neuroml.membrane import Density, Membrane, membrane_of
from workbench.studies import load_study

SI = {"MILLIVOLT": 1e-3, "MILLISECOND": 1e-3, "MILLIMOLAR": 1.0, "NANOAMP": 1e-9}
SI["SQUARE_MICROMETRE"] = 1e-12
WORDS = {".lt.": "<", ".leq.": "<=", ".eq.": "==", ".and.": "and", "^": "**"}


def shipped(name: str, params: str, *protocols: str) -> Model:
    study = load_study(name)
    chosen = tuple(study.protocol(one) for one in protocols)
    return model_of(study, study.values(params), params, chosen, True)


@pytest.fixture(scope="module")
def traub() -> Membrane:
    return membrane_of(shipped("traub_ca3", "published", "weak_current"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    study = small_study(tmp_path_factory.mktemp("small"))
    return model_of(study, VALUES, "known", study.protocols[:1], True)


def computed(dynamics: ET.Element, known: dict[str, float]) -> dict[str, float]:
    """Return the variables of LEMS <Dynamics>, in their order, as a reader of the format would."""
    found = {**SI, **known}

    def value(text: str) -> float:
        for word, ours in WORDS.items():
            text = text.replace(word, ours)
        functions = {"exp": np.exp, "ln": np.log, "sqrt": np.sqrt}
        with np.errstate(all="ignore"):
            return eval(text, {"__builtins__": {}}, {**functions, **found})

    for one in dynamics:
        if one.tag == "DerivedVariable":
            found[one.attrib["name"]] = value(one.attrib["value"])
        elif one.tag == "ConditionalDerivedVariable":
            holding = (each for each in one if value(each.attrib.get("condition", "1")))
            found[one.attrib["name"]] = value(next(holding).attrib["value"])
    return found


def rates(membrane: Membrane, channel: str, gate: str, v_mV: float, mM: float = 0.0) -> np.ndarray:
    """Return where a gate goes, and how fast in ms."""
    types = {one.attrib.get("name"): one for one in membrane.components[channel]}
    known = {"v": np.float64(1e-3 * v_mV), "caConc": np.float64(mM)}
    steady, tau = (types[f"{channel}_{gate}_{which}"].find("Dynamics") for which in ("inf", "tau"))
    assert steady is not None
    assert tau is not None
    return np.array([computed(steady, known)["x"], 1e3 * computed(tau, known)["t"]])


def linoid(x: float) -> float:
    """Return x / (1 - exp(-x)), 1 at 0."""
    return float(-x / np.expm1(-x)) if x else 1.0


@pytest.mark.parametrize("v_mV", [-120.0, -60.0, -46.9, -46.89, -19.9, -10.0, 0.0, 55.5])
def test_rates_of_sodium_are_those_of_the_paper(traub: Membrane, v_mV: float) -> None:
    """Traub et al. 1991, table 3, with voltages from rest at -60 mV."""
    alpha = 0.32 * 4 * linoid((v_mV + 46.9) / 4)
    beta = 0.28 * 5 * linoid(-(v_mV + 19.9) / 5)
    expected = [alpha / (alpha + beta), 1 / (alpha + beta)]
    assert rates(traub, "naf_tr", "m", v_mV) == pytest.approx(expected, rel=1e-12)
    alpha = 0.128 * np.exp(-(v_mV + 43) / 18)
    beta = 4 / (1 + np.exp(-(v_mV + 20) / 5))
    expected = [alpha / (alpha + beta), 1 / (alpha + beta)]
    assert rates(traub, "naf_tr", "h", v_mV) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("mM", [0.0, 1.0, 499.0, 501.0, 1e4])
def test_rates_that_depend_on_calcium(traub: Membrane, mM: float) -> None:
    """Alpha of q is min(2e-5 chi, 0.01) in the paper, beta 0.001; K(C) has min(1, chi/250)."""
    alpha = min(2e-5 * mM, 0.01)
    expected = [alpha / (alpha + 0.001), 1 / (alpha + 0.001)]
    assert rates(traub, "kahp_tr", "q", -60.0, mM) == pytest.approx(expected, rel=1e-12)
    types = {one.attrib.get("name"): one for one in traub.components["kc_tr"]}
    dynamics = types["kc_tr_factor_inf"].find("Dynamics")
    assert dynamics is not None
    factor = computed(dynamics, {"caConc": np.float64(mM)})["x"]
    assert factor == pytest.approx(min(1.0, mM / 250))


@pytest.fixture(scope="module")
def squid() -> Membrane:
    return membrane_of(shipped("hodgkin_huxley", "published", "step"))


@settings(deadline=None)
@given(st.floats(-150, 100))
def test_rates_of_hodgkin_and_huxley(squid: Membrane, v_mV: float) -> None:
    """Equations 12, 13, 20, 21, 23 and 24 of 1952, for a rest of -65 mV at 6.3 C."""
    up = {
        "m": linoid((v_mV + 40) / 10),
        "h": 0.07 * np.exp(-(v_mV + 65) / 20),
        "n": 0.1 * linoid((v_mV + 55) / 10),
    }
    down = {
        "m": 4 * np.exp(-(v_mV + 65) / 18),
        "h": 1 / (1 + np.exp(-(v_mV + 35) / 10)),
        "n": 0.125 * np.exp(-(v_mV + 65) / 80),
    }
    for gate, channel in (("m", "hh_ina"), ("h", "hh_ina"), ("n", "hh_ik")):
        total = up[gate] + down[gate]
        expected = [up[gate] / total, 1 / total]
        assert rates(squid, channel, gate, v_mV) == pytest.approx(expected, rel=1e-9)


def test_a_pool_takes_the_inward_current_of_the_whole_segment(traub: Membrane) -> None:
    """Chi' is phi times the inward current in nA, less beta chi; at the soma phi is 17.402."""
    [(soma, _), *_] = [each for each in traub.species.items() if (0, 0) in each[1]]
    dynamics = traub.components[soma.pool][0].find("Dynamics")
    assert dynamics is not None
    known = {"iCa": 2e-9, "surfaceArea": 3.3e-9, "concentration": 10.0}
    expected = 17.402 * 2 - 0.075 * 10
    assert computed(dynamics, known)["slope"] == pytest.approx(expected, rel=1e-12)
    assert soma.inside_mM == 0


def test_densities_of_the_table(traub: Membrane) -> None:
    """The paper's sodium: 30 mS/cm2 at the soma, 15 beside it, 20 further out, none elsewhere."""
    sodium = {d.S_per_cm2: at for d, at in traub.densities.items() if d.channel == "naf_tr"}
    assert {value: len(at) for value, at in sodium.items()} == {0.03: 1, 0.015: 2, 0.02: 2}
    assert Density("ca_tr", "ca", 0.004, 80.0) in traub.densities


def test_nernst_is_said_where_neuron_computes_the_potential() -> None:
    membrane = membrane_of(shipped("l5pc", "release", "bAP"))
    assert not membrane.unsaid
    calcium = {d.reversal_mV for d in membrane.densities if d.ion == "ca"}
    others = {d.reversal_mV for d in membrane.densities if d.ion != "ca"}
    assert calcium == {None}
    assert others == {-85.0, -75.0, -45.0, 50.0}
    # Somatic and axonal gamma and decay differ; channels are the same ones everywhere.
    assert not {"Ih_2", "NaTs2_t_2", "Ca_HVA_2"} & {*membrane.components}
    assert len(membrane.species) == 2


@pytest.mark.parametrize(
    ("name", "params", "said"),
    [
        ("pinsky_rinzel", "published", "na_pr: INITIAL sets h to 0 where it stays at 0.995"),
        ("halnes_in", "P1", "it2: iCa is no conductance times (v - e)"),
    ],
)
def test_what_neuroml_cannot_say_is_named(name: str, params: str, said: str) -> None:
    cells.cell_of(name)
    study = load_study(name)
    model = model_of(study, study.values(params), params, study.protocols[:1], True)
    assert any(said in one for one in format_named("neuroml").obstacles(model))


def test_protocols_that_it_cannot_run_are_named(tmp_path: Path) -> None:
    study = small_study(tmp_path)
    model = model_of(study, VALUES, "known", study.protocols, True)
    said = [*format_named("neuroml").obstacles(model)]
    assert [re.split(":| \\(", one)[0] for one in said] == [
        "celsius_degC",
        "v_init_mV",
        "placed syn",
        "protocol Clamp",
        "protocol Clamp",
        "protocol Clamp",
        "protocol Played",
        "protocol Played",
        "protocol Driven",
    ]


def test_the_shape_has_the_areas_of_the_cell(small: Model) -> None:
    """The side of a frustum is pi (r + R) sqrt(h^2 + (R - r)^2), for NEURON too."""
    shape = cell_of(small, membrane_of(small))[1]
    area_um2 = 0.0
    for one in (frustum for cable in shape.cables for frustum in cable.frusta):
        side_um = np.hypot(
            np.linalg.norm(one.end[:3] - one.begin[:3]), (one.end - one.begin)[3] / 2
        )
        area_um2 += np.pi * (one.begin[3] + one.end[3]) / 2 * side_um
    sections = small.recipe.morphology.sections
    whole_um2 = sum(float(one.areas_um2(np.array([0.0, 1.0])).sum()) for one in sections)
    assert area_um2 == pytest.approx(whole_um2, rel=1e-5)


def test_a_section_is_cut_only_where_its_values_differ(small: Model) -> None:
    """The small model's potassium falls along the apical dendrite, and nowhere else."""
    element, shape = cell_of(small, membrane_of(small))
    sections = small.recipe.morphology.sections
    cables: dict[int, set[str]] = {}
    for (section, _), name in shape.cable_of.items():
        cables.setdefault(section, set()).add(name)
    for section, names in cables.items():
        apical = sections[section].region == "apical"
        assert len(names) == (small.recipe.segment_counts[section] if apical else 1)
    marked = element.findall(".//segmentGroup[@neuroLexId='sao864921383']")
    divisions = {one.attrib["id"]: one.find("property") for one in marked}
    assert {*divisions} == {one.name for one in shape.cables}
    total = sum(int(one.attrib["value"]) for one in divisions.values() if one is not None)
    assert total == sum(small.recipe.segment_counts)


def test_each_segment_has_each_density_of_its_mechanisms_once(small: Model) -> None:
    membrane = membrane_of(small)
    for channel in ("hh_ina", "hh_ik", "hh_il"):
        every = [one for d, at in membrane.densities.items() if d.channel == channel for one in at]
        assert len(every) == len({*every}) == sum(small.recipe.segment_counts)


def test_too_many_cases_are_refused() -> None:
    graph = Graph()
    total, one, zero = graph.constant(0), graph.constant(1), graph.constant(0)
    for n in range(MOST_CASES.bit_length()):
        test = graph("<", graph.input("v"), graph.constant(n))
        total = graph("+", total, graph("?", test, one, zero))
    with pytest.raises(Unsaid, match="128 cases"):
        derive(ET.Element("Dynamics"), graph, total, {"v": "v"}, {"name": "x"})


def test_the_advice_of_another_engine_is_left_out() -> None:
    text = (
        "the population engine cannot compute a.mod, line 3: it reads dt; choose engine = 'neuron'"
    )
    assert plainly(text) == "a.mod, line 3: it reads dt"
    text = "the population engine does not know NEURON's own x; choose engine = 'neuron'"
    assert plainly(text) == "there are no equations of NEURON's own x"
