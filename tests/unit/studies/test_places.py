"""Placed point processes and events in a study's files."""

import pytest

from workbench.cells import Along, Dense, Placed
from workbench.errors import InputError, StudyError
from workbench.fitting import Parameter
from workbench.protocols import (
    EventSequence,
    EventTimes,
    PoissonEvents,
    RegularEvents,
    read_times_ms,
)
from workbench.studies import load_study

FILES = {
    "shape.toml": """\
source = "made up"
section = [
    { region = "somatic", length_um = 20, diameter_um = 20 },
    { region = "apical", length_um = 600, diameter_um = 2, parent = 0 },
]
""",
    "cell.toml": """\
[conditions]
celsius_degC = 34
v_init_mV = -65
[morphology]
file = "shape.toml"
[mechanisms]
folders = ["synapses"]
insert = { all = ["pas"] }
[parameters.all]
g_pas = [1e-5, 1e-3]
[place.syn]
mechanism = "AMPA"
site = "apical@400um"
weight = { bounds = [1e-4, 1e-2], scale = "log" }
parameters = { tau_rise = 0.3, tau_decay = [1, 5], erev = { value = 5 } }
[place.two]
mechanism = "ExpSyn"
sites = ["soma(0.5)", "apic[0](1)"]
weight = 0.001
[place.many]
mechanism = "GABAA"
sites = { region = "apical", density_per_um2 = 0.01, seed = 5 }
[place.way]
mechanism = "ExpSyn"
sites = { along = ["soma(0.5)", "apic[0](1)"], count = 3, order = "in" }
weight = 0.001
""",
    "protocols.toml": """\
[train]
duration_ms = 300
recordings = { soma = "soma(0.5)" }
parameters = { rate_Hz = 50, weight_uS = 0.001 }
[[train.events]]
type = "poisson"
place = "syn"
delay_ms = 20
duration_ms = "0.2 s"
rate_Hz = "rate_Hz"
seed = 3
[[train.events]]
type = "regular"
place = "two"
delay_ms = 10
frequency_Hz = 20
count = 4
weight = 0.002
[[train.events]]
type = "times"
place = "many"
times_ms = [10, 20.5]
delay_ms = 1
weight = "weight_uS"
[[train.events]]
type = "times"
place = "two"
times_ms = "times.txt"
[[train.events]]
type = "sequence"
place = "way"
delay_ms = 10
interval_ms = "2 ms"
""",
    "times.txt": "1\n\n2.5\n 2.5e2\n",
    "targets.toml": "[train.soma.features]\nmaximum_voltage = [-50, 1]\n",
    "published.toml": """\
[found]
source = "this test"
[found.values]
all = { g_pas = 1e-4 }
syn = { weight = 0.002, tau_decay = 3 }
""",
    "study.toml": 'title = "synapses"\n[integrator]\ndt_ms = 0.025\n',
}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def test_a_study_places_and_drives(folder):
    study = load_study(folder)
    recipe = study.problem.recipe
    values = {"tau_rise": 0.3, "tau_decay": None, "erev": 5.0, "weight": None}
    assert recipe.placed == (
        Placed("syn", "AMPA", "apical@400um", values),
        Placed("two", "ExpSyn", ["soma(0.5)", "apic[0](1)"], {"weight": 0.001}),
        Placed("many", "GABAA", Dense("apical", density_per_um2=0.01, seed=5)),
        Placed("way", "ExpSyn", Along(["soma(0.5)", "apic[0](1)"], 3, "in"), {"weight": 0.001}),
    )
    assert study.problem.parameters == (
        Parameter("g_pas.all", 1e-5, 1e-3),
        Parameter("tau_decay.syn", 1.0, 5.0),
        Parameter("weight.syn", 1e-4, 1e-2, "log"),
    )
    assert study.protocol("train").bound().events == (
        PoissonEvents("syn", 20.0, 200.0, 50.0, 3),
        RegularEvents("two", 10.0, 20.0, 4.0, weight=0.002),
        EventTimes("many", (10.0, 20.5), 1.0, weight=0.001),
        EventTimes("two", (1.0, 2.5, 250.0)),
        EventSequence("way", 10.0, 2.0),
    )
    found = recipe.with_values(study.values("found"))
    assert found.placed[0].values["weight"] == 0.002


def test_times_of_a_file_are_part_of_the_digest(folder):
    before = load_study(folder).problem.digest
    (folder / "times.txt").write_text("1\n2.5\n251\n")
    assert load_study(folder).problem.digest != before


SYN = 'site = "apical@400um"\n'
MISTAKES = [
    ("cell.toml", '"AMPA"', '"AMPAR"', "place.syn: unknown point process 'AMPAR'; did you mean"),
    ("cell.toml", '"AMPA"', '"pas"', "place.syn: pas is a density mechanism, not a point process"),
    ("cell.toml", '["pas"]', '["pas", "AMPA"]', "insert.all: AMPA (point) is no density mechanism"),
    ("cell.toml", "@400um", "@900um", "no apical section at 900 um"),
    ("cell.toml", SYN, "", "place.syn: say where it stands: a site, sites, or"),
    ("cell.toml", SYN, SYN + 'sites = ["soma(0.5)"]\n', "place.syn: give either a site or sites"),
    ("cell.toml", SYN, SYN + 'region = "apical"\n', "place.syn.region: unknown key 'region'"),
    ("cell.toml", "region =", "regin =", "place.many.sites.regin: unknown key 'regin'; did you"),
    (
        "cell.toml",
        ", seed = 5",
        ", every_um = 5",
        "place.many: there is no placement of region",
    ),
    ("cell.toml", "count = 3", 'count = "3"', "place.way.sites.count: must be a whole number"),
    ("cell.toml", '"in"', '"up"', "place.way.sites.order: must be 'out' or 'in' (given: 'up')"),
    (
        "cell.toml",
        '"apic[0](1)"], c',
        '"apic[0](1)", "soma(0)"], c',
        "along holds 3 sites",
    ),
    ("cell.toml", "tau_rise", "tau_rize", "place.syn: AMPA: unknown parameter 'tau_rize'; did you"),
    ("cell.toml", "[1, 5]", "[5, 1]", "place.syn.parameters.tau_decay: parameter tau_decay.syn"),
    ("cell.toml", "[1, 5]", "[1]", "place.syn.parameters.tau_decay: bounds are two numbers"),
    ("cell.toml", "{ value = 5 }", "{ }", "place.syn.parameters.erev: give either a value or bou"),
    ("cell.toml", "tau_rise = 0.3", "weight = 1", "place.syn: weight is given twice"),
    ("cell.toml", "[place.syn]", "[place.apical]", "no name of a region"),
    ("cell.toml", "seed = 5", "seed = -5", "place.many: seed is -5, it must be"),
    ("cell.toml", "0.01,", "1e-9,", "place.many: 1e-09 per um2 gives no point on"),
    ("protocols.toml", 'place = "syn"', 'place = "sin"', "train: events on sin: unknown placed"),
    ("protocols.toml", 'weight = "weight_uS"', "", "train: events on many: they have no weight"),
    (
        "protocols.toml",
        '"rate_Hz"',
        '"rate"',
        "train: protocol train, rate_Hz: unknown",
    ),
    ("protocols.toml", "[10, 20.5]", "[20.5, 10]", "time 2 is 10 ms and comes after 20.5 ms"),
    ("protocols.toml", "count = 4", "count = 600000", "for each of 2 points are 1.2e+06 events"),
    ("protocols.toml", "[10, 20.5]", "[]", "times_ms holds no time"),
    ("protocols.toml", '"times.txt"', '"time.txt"', "time.txt: there is no such file"),
    ("protocols.toml", '"regular"', '"regluar"', "train.events"),
    ("times.txt", "2.5\n", "2.5 3\n", "times.txt:3: '2.5 3' is no time; write one in ms on each"),
    ("times.txt", "2.5e2", "2", "times.txt:4: 2 ms comes after 2.5 ms; sort the times"),
    ("times.txt", "2.5e2", "nan", "times.txt:4: 'nan' is no time"),
    ("times.txt", "1\n", "-1\n", "times.txt:1: '-1' is no time"),
    ("published.toml", "syn = ", "sin = ", "found.values: unknown parameter 'weight.sin'"),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "says"), MISTAKES, ids=[f"{m[0]} {m[2][:30]!r}" for m in MISTAKES]
)
def test_a_mistake_is_named(folder, change, file, old, new, says):
    change(folder / file, old, new)
    with pytest.raises(InputError) as caught:
        load_study(folder)
    assert str(folder) in str(caught.value)
    assert says in str(caught.value)


def test_a_file_of_times_lies_in_the_study(folder, change):
    outside = folder.parent.parent / "times_outside.txt"
    outside.write_text("1\n")
    change(folder / "protocols.toml", '"times.txt"', f'"{outside}"')
    with pytest.raises(StudyError, match="lies outside of this study"):
        load_study(folder)


def test_a_file_with_other_bytes(tmp_path):
    (tmp_path / "times.txt").write_bytes(b"1\n\xff\n")
    with pytest.raises(InputError, match=r"times.txt:2: this is not text in UTF-8"):
        read_times_ms(tmp_path / "times.txt")
