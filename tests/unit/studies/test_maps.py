"""Maps and recordings of placed point processes in a study's files."""

from dataclasses import replace

import pytest

from tests.unit.studies.test_places import FILES
from workbench.cells import OnPlaced
from workbench.errors import InputError
from workbench.protocols import Map
from workbench.studies import load_study

MORE = """
[mapped]
duration_ms = 50
recordings = { soma = "soma(0.5)", there = { site = "two[1]", variable = ["g", "i"] } }
map = [
    { keep = ["maximum", "end"] },
    { name = "rise", region = "apical", variable = "i_pas", keep = ["end"], window_ms = [1, 9] },
]
[single]
duration_ms = 50
recordings = { there = { site = "syn", variable = "g" } }
map = { region = "apical", variable = "v", keep = ["width_at_half_ms"] }
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text + MORE * (name == "protocols.toml"))
    return folder


def test_a_study_maps_and_records(folder):
    study = load_study(folder)
    mapped, single = study.protocol("mapped"), study.protocol("single")
    assert mapped.maps == (
        Map(keep=("maximum", "end")),
        Map("apical", "i_pas", ("end",), "rise", (1.0, 9.0)),
    )
    assert single.maps == (Map("apical", "v", ("width_at_half_ms",)),)
    assert [(one.name, one.site) for one in mapped.recordings[1:]] == [
        ("there.g", OnPlaced("two", 1)),
        ("there.i", OnPlaced("two", 1)),
    ]
    assert single.recordings[0].site == OnPlaced("syn")


def test_a_fit_leaves_maps_out(folder):
    problem = load_study(folder).problem
    problem = replace(problem, protocols=(problem.protocols[0].with_maps(Map()),))
    row = problem.row({"g_pas.all": 1e-4, "tau_decay.syn": 3.0, "weight.syn": 1e-3})
    assert [job.protocol.maps for job in problem.jobs(row)] == [()]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('m", "end"]', 'm", "ent"]', "protocols.toml: mapped.map.0.keep.1: must be 'maximum'"),
        ("window_ms = [1, 9]", "window = [1, 9]", "mapped.map.1.window: unknown key 'window'; did"),
        ("window_ms = [1, 9]", "window_ms = [9, 1]", "mapped: map rise: window_ms is from 9 to 1"),
        ('name = "rise", ', "", "mapped: protocol mapped: two maps or recordings are named map"),
        ('"i_pas"', '"i_pass"', "mapped: map rise: apic[0]: unknown variable 'i_pass'; did you m"),
        ('"two[1]"', '"two[2]"', "mapped.recordings.there: two[2]: two has 2 points; name one"),
        ('"two[1]"', '"two"', "mapped.recordings.there: two: two has 2 points; name one, two[0]"),
        (
            '"syn", variable = "g"',
            '"syn", variable = "gg"',
            "single.recordings.there: there.gg, at",
        ),
        ('"syn", variable = "g"', '"sin", variable = "g"', "unknown placed point process 'sin'"),
        ('"v", keep', '"cai", keep', "single: map map: apic[0]: unknown variable 'cai'"),
    ],
)
def test_a_mistake_is_named(folder, change, old, new, says):
    change(folder / "protocols.toml", old, new)
    with pytest.raises(InputError) as caught:
        load_study(folder)
    assert str(folder / "protocols.toml") in str(caught.value)
    assert says in str(caught.value)
