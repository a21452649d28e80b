"""Each value that a study may hold: BluePyOpt, given the export, finds our scores."""

from pathlib import Path

import pytest

from tests.physics.exports.values import Case, scores
from workbench.studies import load_study

G = "gnabar_hh.somatic"
TEMPERATURES = "temperatures and starting voltages"
CASES = {
    "nothing besides": Case(),
    "a GLOBAL fixed, free, tied": Case(
        '[parameters.global]\nhalf_kg = [-60, -20]\nslope_kg = "0.2 * abs(half_kg)"\n',
        first={"half_kg": -55.0},
        second={"half_kg": -30.0},
    ),
    "a GLOBAL that is fixed": Case("[parameters.global]\nhalf_kg = -60\n", first={}),
    "a union of regions, on a log scale": Case(
        '[parameters.dendrites]\ng_pas = { bounds = [1e-5, 1e-3], scale = "log" }\n',
        first={"g_pas.dendrites": 3e-5},
        second={"g_pas.dendrites": 6e-4},
    ),
    "a single section": Case(
        '[parameters."apic[0]"]\ncm = [0.5, 3]\n[parameters."apic[1]"]\ng_pas = 1e-3\n',
        first={"cm.apic[0]": 0.7},
        second={"cm.apic[0]": 2.5},
    ),
    "ties, one of another": Case(
        f"""\
[parameters.somatic]
gnabar_hh = [0.05, 0.2]
gkbar_hh = "0.3 * {G}"
[parameters.dendrites]
Ra = "200 if gkbar_hh.somatic > 0.04 else 80"
[parameters."apic[1]"]
g_pas = "gkbar_hh.somatic / 100 - minimum(1e-5, cm.all)"
""",
        first={G: 0.1},
        second={G: 0.18},
    ),
    "a free constant of a distribution": Case(
        """\
[parameters.basal]
g_pas = { value = 2e-4, distribution = "falling" }
[parameters.apical]
g_pas = { bounds = [1e-5, 1e-3], distribution = "falling" }
""",
        'falling = { expression = "value * exp(-distance_um / far_um) + floor_S", '
        'parameters = { far_um = [50, 500], floor_S = "1e-7 * far_um.falling" } }',
        first={"far_um.falling": 60.0, "g_pas.apical": 4e-4},
        second={"far_um.falling": 400.0, "g_pas.apical": 9e-4},
    ),
    "an ion of some sections": Case(
        """\
ena = 45
ek = [-90, -70]
[parameters.dendrites]
cm = 1.2
""",
        first={"ek.all": -85.0},
        second={"ek.all": -72.0},
    ),
    "factors by section": Case(
        """\
[parameters.dendrites]
g_pas = { bounds = [1e-5, 1e-3], distribution = "table" }
""",
        'table = { factors = { "dend[0]" = 1, "apic[0]" = [0.5, 2, 4], "apic[1]" = 3 } }',
        first={"g_pas.dendrites": 1e-4},
        second={"g_pas.dendrites": 5e-4},
    ),
    "totals": Case(
        """\
[parameters."apic[0]"]
g_kg = { total_uS = [1e-3, 1], at = "apic[0](0.4)" }
[parameters.dendrites]
g_pas = { total_uS = "0.05 * g_kg.apic[0]" }
""",
        first={"g_kg.apic[0]": 0.02},
        second={"g_kg.apic[0]": 0.2},
    ),
    "a potential that is held": Case(
        "[parameters.basal]\ng_cal = 1e-4\neca = [50, 150]\n",
        held='["eca"]',
        first={"eca.basal": 60.0},
        second={"eca.basal": 140.0},
    ),
    "spines": Case(
        """\
[[spines]]
region = "apical"
density_per_um = 1.5
area_um2 = 0.85
[[spines]]
region = "dend[0]"
density_per_um = 1
area_um2 = 1
scaled = ["cm"]
[parameters.apical]
g_pas = { bounds = [1e-5, 1e-3], distribution = "rising" }
""",
        'rising = "value * (1 + distance_um / 100)"',
        first={"g_pas.apical": 1e-4},
        second={"g_pas.apical": 5e-4},
    ),
    "weights, and features of a current": Case(
        targets="""\
[pulse.soma]
weights = { Spikecount = 3, voltage_base = 0.25 }
[pulse.na]
variable = "ina"
weights = { minimum_voltage = 0.5 }
[pulse.na.features]
minimum_voltage = [-1, 0.1]
voltage_base = [-2e-3, 1e-3]
""",
    ),
    "placed, with free parameters": Case(
        """\
[place.syn]
mechanism = "ExpSyn"
sites = ["apic[0](0.5)", "dend[0](0.9)"]
weight = { bounds = [1e-4, 1e-1], scale = "log" }
parameters = { tau = [1, 10], e = "-10 * tau.syn" }
[place.other]
mechanism = "Exp2Syn"
sites = { region = "apical", count = 5, seed = 3 }
weight = 2e-3
parameters = { tau1 = 0.5, tau2 = "2 * tau.syn", e = -80 }
""",
        protocols="""\
[driven]
duration_ms = 60
recordings = { soma = "soma(0.5)", syn = { site = "syn[1]", variable = ["g"] } }
events = [
    { type = "times", place = "syn", times_ms = [5.0101, 5.5] },
    { type = "poisson", place = "other", delay_ms = 5, duration_ms = 50, rate_Hz = 200, seed = 3 },
    { type = "times", place = "other", times_ms = [30], weight = 0.01 },
]
""",
        targets="""\
[driven.soma.features]
voltage_base = [-70, 1]
maximum_voltage = [20, 10]
minimum_voltage = [-70, 10]
[driven.syn]
variable = "g"
window_ms = [0, 60]
[driven.syn.features]
maximum_voltage = [1e-2, 1e-2]
""",
        first={"weight.syn": 0.004, "tau.syn": 2.0},
        second={"weight.syn": 0.02, "tau.syn": 5.0},
    ),
    "comparisons": Case(
        targets="""\
[[compare]]
what = "pulse.soma.maximum_voltage - pulse.tip.maximum_voltage"
target = [10, 3]
weight = 2
[[compare]]
what = "pulse.soma.maximum_voltage / pulse.tip.maximum_voltage"
target = [-0.5, 0.1]
[[compare]]
what = "pulse.soma.maximum_voltage < pulse.tip.maximum_voltage"
sd = 3
[[compare]]
what = "pulse.soma.maximum_voltage > pulse.tip.maximum_voltage"
sd = 3
[[compare]]
what = "pulse.soma.peak_time < 11.5"
sd = 0.1
weight = 0.5
[[compare]]
what = "pulse.soma.peak_time > 11.5"
sd = 0.1
[[compare]]
what = "pulse.tip.AP_height > 11.5"
sd = 0.1
[[compare]]
what = "pulse.soma.maximum_voltage < 0"
sd = 1e-3
""",
    ),
    TEMPERATURES: Case(
        protocols="""\
[warm]
duration_ms = 40
celsius_degC = 16
v_init_mV = -75
recordings = { soma = "soma(0.5)" }
stimuli = [
    { type = "step", site = "soma(0.5)", delay_ms = 10, duration_ms = 20, amplitude_nA = 0.6 },
]
[after]
duration_ms = 40
recordings = { soma = "soma(0.5)" }
stimuli = [
    { type = "step", site = "soma(0.5)", delay_ms = 10, duration_ms = 20, amplitude_nA = 0.6 },
]
""",
        targets="""\
[warm.soma.features]
voltage_base = [-70, 1]
maximum_voltage = [20, 10]
[after.soma.features]
voltage_base = [-70, 1]
maximum_voltage = [20, 10]
""",
    ),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list, list]]:
    folder = tmp_path_factory.mktemp("studies")
    asked = []
    for number, case in enumerate(CASES.values()):
        problem = load_study(str(case.write(folder / f"s{number}"))).problem
        asked.append((problem, case.sets or ({},)))
    both = zip(scores("stock", asked), scores("ours", asked), strict=True)
    return dict(zip(CASES, both, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_same_scores(found, name: str) -> None:
    stock, ours = found[name]
    for one, other in zip(stock, ours, strict=True):
        assert one == pytest.approx(other, rel=1e-6, abs=1e-6)
        if name != "comparisons":
            assert max(other.values()) < 250


@pytest.mark.parametrize("name", [*CASES][1:-1])
def test_each_value_changes_something(found, name: str) -> None:
    """So the scores could not be the same without it."""
    [plain], ours = found["nothing besides"][1], found[name][1]
    for first, second in zip(ours, [plain, *ours], strict=False):
        keys = [key for key in first if first[key] != pytest.approx(second.get(key), abs=1e-4)]
        assert keys


def test_relations_are_met_missed_missing_and_capped(found) -> None:
    [ours] = found["comparisons"][1]
    met = [score for name, score in ours.items() if " < " in name or " > " in name]
    assert 0.0 in met
    assert 250.0 in met
    assert any(0 < score < 250 for score in met)


def test_what_a_protocol_sets_is_its_own(found) -> None:
    [plain], [ours] = found["nothing besides"][1], found[TEMPERATURES][1]
    for feature in ("voltage_base", "maximum_voltage"):
        assert ours[f"warm.soma.{feature}"] != pytest.approx(ours[f"after.soma.{feature}"])
        assert ours[f"after.soma.{feature}"] == plain[f"pulse.soma.{feature}"]


def test_axial_resistances_by_section(tmp_path: Path) -> None:
    """NEURON has one of each section: factors give what numbers for single sections give."""
    spread = Case(
        '[parameters.apical]\nRa = { value = 100, distribution = "table" }\n',
        'table = { factors = { "apic[0]" = 0.5, "apic[1]" = 4 } }',
    )
    single = Case('[parameters."apic[0]"]\nRa = 50\n[parameters."apic[1]"]\nRa = 400\n')
    problems = [
        load_study(str(case.write(tmp_path / name))).problem
        for name, case in (("spread", spread), ("single", single))
    ]
    [[stock]] = scores("stock", [(problems[0], ({},))])
    [[ours]] = scores("ours", [(problems[1], ({},))])
    assert stock == pytest.approx(ours, rel=1e-6, abs=1e-6)
