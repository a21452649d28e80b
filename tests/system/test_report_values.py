"""The report of a run says each value that a study may hold, with its unit."""

import html
import re
from pathlib import Path

import pytest

from tests.physics.exports.values import Case
from tests.system.command import Run

ALL = Case(
    cell="""\
ena = 45
[parameters.dendrites]
g_pas = { bounds = [1e-5, 1e-3], scale = "log", distribution = "table" }
g_kg = { value = 1e-4, distribution = "falling" }
[parameters.somatic]
e_pas = { balance_mV = [-80, -60] }
gnabar_hh = [0.05, 0.2]
gkbar_hh = "0.3 * gnabar_hh.somatic"
[parameters."apic[0]"]
cm = [0.5, 3]
[parameters."apic[1]"]
g_kg = { total_uS = [1e-3, 1] }
[parameters.global]
half_kg = [-55, -20]
slope_kg = 8
[place.syn]
mechanism = "ExpSyn"
site = "apic[0](0.5)"
weight = { bounds = [1e-4, 1e-1], scale = "log" }
parameters = { tau = [1, 10] }
""",
    distributions="""\
table = { factors = { "dend[0]" = 1, "apic[0]" = [0.5, 2], "apic[1]" = 3 } }
falling = { expression = "value * exp(-distance_um / far_um)", parameters = { far_um = [50, 500] } }
""",
    protocols="""\
[warm]
duration_ms = 40
celsius_degC = 16
v_init_mV = -75
recordings = { soma = "soma(0.5)" }
events = [{ type = "times", place = "syn", times_ms = [5] }]
""",
    targets="""\
[pulse.soma]
weights = { Spikecount = 3 }
[pulse.soma.to.tip.features]
attenuation = [1.3, 0.2]
[pulse.na]
variable = "ina"
[pulse.na.features]
mean = [-0.1, 0.1]
[warm.soma.features]
maximum_voltage = [20, 10]
[[compare]]
what = "pulse.soma.maximum_voltage - warm.soma.maximum_voltage"
target = [10, 3]
weight = 2
[[compare]]
what = "pulse.soma.maximum_voltage > pulse.tip.maximum_voltage"
sd = 3
""",
)
PARAMETERS = {
    "e_pas.somatic": ("-80", "-60", "mV", "linear"),
    "g_pas.dendrites": ("1e-05", "0.001", "S/cm2", "log"),
    "gnabar_hh.somatic": ("0.05", "0.2", "S/cm2", "linear"),
    "cm.apic[0]": ("0.5", "3", "uF/cm2", "linear"),
    "g_kg.apic[1]": ("0.001", "1", "uS", "linear"),
    "half_kg": ("-55", "-20", "mV", "linear"),
    "weight.syn": ("0.0001", "0.1", "uS", "log"),
    "tau.syn": ("1", "10", "ms", "linear"),
    "far_um.falling": ("50", "500", "um", "linear"),
}
TARGETS = {
    "soma.Spikecount": "2 ± 0.5, weight 3",
    "soma.to.tip.attenuation": "1.3 ± 0.2",
    "na.mean (ina)": "-0.1 ± 0.1",
    "pulse.soma.maximum_voltage - warm.soma.maximum_voltage": "10 ± 3, weight 2",
    "pulse.soma.maximum_voltage > pulse.tip.maximum_voltage": "> 0, SD 3",
}
SAID = [
    "gkbar_hh.somatic = 0.3 * gnabar_hh.somatic",
    "slope_kg = 8 (GLOBAL)",
    "ena.all is that of 1 of 4 sections, with the ion",
    "g_pas.dendrites is spread by table, with a factor for each section",
    "e_pas.somatic balances the membrane of each segment at a free voltage",
    "syn: ExpSyn at apic[0](0.5)",
    "dendrites: basal or apical; 3 sections, 650 um",
    "warm at 16 °C, starting from -75 mV",
]


def report(run: Path) -> tuple[list[list[str]], str]:
    """Return the rows of all tables, and the text."""
    page = re.sub(r"<style>.*?</style>", "", (run / "report.html").read_text(), flags=re.DOTALL)
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in page.split("<tr>")]
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())
    return [[html.unescape(cell) for cell in row] for row in rows], text


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ALL.write(tmp_path_factory.mktemp("study") / "all")


def test_each_value_is_said(workbench: Run, study: Path, tmp_path: Path) -> None:
    workbench("fit", study, "--population", 2, "--generations", 1, "--out", "one", "--workers", 1)
    rows, text = report(tmp_path / "one")
    found = {row[0]: tuple(row[2:]) for row in rows if len(row) == 6}
    assert {name: found[name] for name in PARAMETERS} == PARAMETERS
    assert {row[0]: row[1] for row in rows if row and row[0] in TARGETS} == TARGETS
    assert [one for one in SAID if one not in text] == []
    workbench("resume", "one", "--generations", 2, "--workers", 1)
    assert "It was asked for 1, then for 2 generations." in report(tmp_path / "one")[1]
    begun = ("--from", "one", "--population", 2, "--generations", 1)
    workbench("fit", study, *begun, "--out", "two", "--workers", 1)
    assert f"It began with 2 individuals of {tmp_path / 'one'}." in report(tmp_path / "two")[1]
    workbench("rescore", "one", "--out", "three")
    assert f"This is {tmp_path / 'one'} scored anew." in report(tmp_path / "three")[1]
