"""docs/dual-patch.md: followed on a small cell, and the archive's set computed otherwise."""

import contextlib
import json
import re
import runpy
import shlex
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from tests.cells import recordings_of_others
from tests.system.command import REPOSITORY, Run
from workbench.arrays import Floats
from workbench.cells.network import Linear, Network
from workbench.morphology import Morphology

PAGE = (REPOSITORY / "docs" / "dual-patch.md").read_text(encoding="utf-8")
PREPARE, FIT = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TABLES = re.findall(r"```toml\n# (\w+/\w+\.toml)\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
SAMPLE_ms = 0.05
UNUSED = 3600
"""Samples before the part that counts."""

SMALL = {
    "dend[205]": "dend[1]",
    "dend[284]": "dend[80]",
    "dend[285]": "dend[81]",
    "dend[364]": "dend[160]",
    "apic[291]": "apic[0]",
    "duration_ms = 120": "duration_ms = 60",
    "119.9": "59.9",
    "522.1": "75",
    "950": "100",
    "949.8": "99.8",
    "generations = 8": "generations = 1",
    "generations = 12": "generations = 1",
}
"""What the page says of BC6, and what holds of the small cell in its place."""

DRAWN = """create soma, axon[1], dend[1], apic[1]
connect dend[0](0), soma(0)
connect apic[0](0), soma(1)
connect axon[0](0), dend[0](1)
soma { pt3dadd(0, 0, 0, 20) pt3dadd(20, 0, 0, 20) }
dend[0] { pt3dadd(0, 0, 0, 2) pt3dadd(-150, 0, 0, 2) }
axon[0] { pt3dadd(-150, 0, 0, 1) pt3dadd(-1500, 0, 0, 1) }
apic[0] { pt3dadd(20, 0, 0, 3) pt3dadd(600, 0, 0, 3) }
proc topol() { }
"""
TRUTH = {
    "Ra.cell": 250.0,
    "cm.cell": 0.8,
    "g_pas.somadend": 1.2e-4,
    "ratio.step": 0.7,
    "share.apart": 0.4,
}


def series(path: Path, values: Floats) -> None:
    """Write numbers as the archive has them."""
    padded = np.concatenate([np.zeros(UNUSED), values])
    np.savetxt(path, padded, "%.9g", header=str(padded.size), comments="")


def python(code: str, folder: Path) -> None:
    """Run code of the page in this process: another one would load numpy and NEURON anew."""
    (folder / "page.py").write_text(code)
    with contextlib.chdir(folder):
        runpy.run_path("page.py")


def unpack(folder: Path, changes: dict[str, str]) -> None:
    """Write the page's tables, and an empty folder for the archive."""
    (folder / "Figure_2").mkdir()
    for name, text in TABLES:
        for old, new in changes.items():
            text = text.replace(old, new)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def test_the_page_on_a_cell_of_four_cylinders(
    workbench: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Recordings of known values, without noise: the third model has Ra and cm again."""
    unpack(tmp_path, SMALL)
    archive = tmp_path / "Figure_2"
    (archive / "morph-BC6.hoc").write_text(DRAWN)
    prepare = PREPARE.replace("120, 1", "60, 1").replace("950, 2", "100, 2")
    pulses = {"Short": (60, 20, 0.5, 400.0), "Long": (100, 20, 50, -40.0)}
    for pulse, (stop_ms, begin_ms, long_ms, pA) in pulses.items():
        t_ms = SAMPLE_ms * np.arange(round(stop_ms / SAMPLE_ms))
        on = (t_ms >= begin_ms) & (t_ms < begin_ms + long_ms)
        series(archive / f"InpTrace-Soma{pulse}.txt", np.where(on, pA, 0.0))
        for place in ("Soma", "Dend"):
            series(archive / f"ExpTrace-{place}{pulse}.txt", 0 * t_ms)
    python(prepare, tmp_path)
    cell = wb.load_cell(tmp_path / "patch", params=TRUTH)
    for pulse in pulses:
        answer = wb.simulate(cell, pulse.lower())
        for place in ("Soma", "Dend"):
            trace = answer[f"{place.lower()}.v"]
            t_ms = SAMPLE_ms * np.arange(round(pulses[pulse][0] / SAMPLE_ms))
            deviations_mV = np.interp(t_ms, trace.t_ms, trace.values) + 70
            series(archive / f"ExpTrace-{place}{pulse}.txt", deviations_mV)
    python(prepare, tmp_path)

    said = json.loads(workbench(*shlex.split(COMMANDS[1]), "--json").stdout)
    found = {row["parameter"]: row for row in said["errors"] if row["stage"] == "axon and step"}
    assert set(found) == set(TRUTH)
    # Six steps from 200 and 0.95: what the short pulse tells is found, leaks take more steps.
    for name in ("Ra.cell", "cm.cell"):
        assert found[name]["value"] == pytest.approx(TRUTH[name], rel=0.05), name
    stages = [row["stage"] for row in said["errors"]]
    assert stages == ["uniform"] * 3 + ["axon apart"] * 4 + ["axon and step"] * 5
    python(f"import workbench as wb\n{FIT}", tmp_path)
    assert "share.apart" in capsys.readouterr().out


def drawn_without_links(whole: Morphology) -> str:
    """Return a hoc file that draws BC6 as the archive's does, from its conversion to SWC.

    A stem has its own points alone. Sections are numbered in the archive's order, which is that of
    the conversion with the branches of each section the other way round.
    """
    children: dict[int, list[int]] = {index: [] for index in range(len(whole))}
    for index, section in enumerate(whole.sections[1:], 1):
        children[section.parent].append(index)
    names: dict[int, str] = {}
    counts: dict[str, int] = {}
    todo = [0]
    while todo:
        index = todo.pop()
        array = whole.names[index].partition("[")[0]
        names[index] = f"{array}[{counts.get(array, 0)}]"
        counts[array] = counts.get(array, 0) + 1
        todo += children[index]
    lines = ["create " + ", ".join(f"{array}[{count}]" for array, count in counts.items())]
    for index, name in names.items():
        section = whole.sections[index]
        if index:
            lines.append(f"connect {name}(0), {names[section.parent]}({section.parent_x:g})")
    for index, name in names.items():
        section = whole.sections[index]
        own = section.points[1:] if section.parent == 0 else section.points
        lines += [f"{name} {{", *(f"pt3dadd({x},{y},{z},{d})" for x, y, z, d in own.tolist()), "}"]
    return "\n".join([*lines, "proc topol() { }", ""])


def computed(shape: Morphology, currents_nA: list[Floats]) -> list[dict[str, Floats]]:
    """Return, for each current, the deviations at both electrodes under the archive's set in mV.

    Every 0.05 ms, by impedances of the cell as a linear network, at 45 frequencies with splines
    between them, and Fourier's sums: no NEURON, and no steps of time.
    """
    from scipy.interpolate import CubicSpline

    firsts = [shape.index("dend[205]"), shape.index("dend[285]")]
    g: list[Floats] = []
    cm: list[Floats] = []
    for index, section in enumerate(shape.sections):
        count = 1 + 2 * int(section.length_um / 30)
        middles = (np.arange(count) + 0.5) / count
        near = np.asarray(shape.path_distance_um(index, middles)) <= 120
        leak = np.where(near, 1 / 10723.125012, 1 / 15490.215663)
        if section.region == "axonal":
            leak = np.full(count, 1 / 269769.046043)
        pipette = index >= firsts[0]
        g.append(np.zeros(count) if pipette else leak)
        cm.append(np.full(count, 1.0 if pipette else 0.96858))
    Ra = tuple(100.0 if index >= firsts[0] else 258.564386 for index in range(len(shape)))
    network = Network(shape, Linear(tuple(g), tuple(cm), Ra))
    electrodes = [network.node(first + 79, 1.0) for first in firsts]
    some_Hz = np.geomspace(0.2, 10_000, 45)
    at = [network.voltages(electrodes[0], f_Hz)[electrodes] for f_Hz in (0.0, *some_Hz)]
    resting, impedances = at[0], np.array(at[1:])
    long = 1 << 16
    f_Hz = np.fft.rfftfreq(long, 1e-3 * SAMPLE_ms)
    logs = np.log(np.clip(f_Hz, some_Hz[0], some_Hz[-1]))
    injected = [np.fft.rfft(current_nA, long) for current_nA in currents_nA]
    answers: list[dict[str, Floats]] = [{} for _ in injected]
    for place, name in enumerate(("soma", "dend")):
        curve = CubicSpline(np.log(some_Hz), impedances[:, place])(logs)
        curve = np.where(f_Hz < some_Hz[0], resting[place], curve)
        for answer, one in zip(answers, injected, strict=True):
            answer[name] = np.fft.irfft(one * curve, long)
    return answers


def test_the_archives_set_on_its_recordings(workbench: Run, tmp_path: Path) -> None:
    """Each target's root mean square is the one that is computed without NEURON."""
    folder = recordings_of_others("dentate_bc6")
    unpack(tmp_path, {})
    for path in folder.glob("*Trace-*.txt"):
        shutil.copy(path, tmp_path / "Figure_2")
    (tmp_path / "Figure_2" / "morph-BC6.hoc").write_text(
        drawn_without_links(wb.load_morphology(folder / "bc6.swc"))
    )
    python(PREPARE.replace('Path("patch"), Path("bare")', 'Path("patch"),'), tmp_path)
    said = json.loads(workbench(*shlex.split(COMMANDS[0]), "--json").stdout)

    shape = wb.load_cell(tmp_path / "patch", params="archive").morphology
    targets = tomllib.loads((tmp_path / "patch" / "targets.toml").read_text())

    def columns(name: str) -> Floats:
        return np.loadtxt(tmp_path / "patch" / f"{name}.csv", delimiter=",", skiprows=1)

    pulses = {"short": 1, "long": 2}
    currents = [columns(f"{pulse}_current")[:, 1] for pulse in pulses]
    for (pulse, every), expected in zip(pulses.items(), computed(shape, currents), strict=True):
        for recording, target in targets[pulse].items():
            place = "soma" if recording == "soma" else "dend"
            t_ms, v_mV = columns(f"{pulse}_{place}").T
            begin_ms, end_ms = target["trace"]["window_ms"]
            within = (t_ms > begin_ms - 1e-6) & (t_ms < end_ms + 1e-6)
            missed_mV = (expected[place][::every][: t_ms.size] - (v_mV + 70))[within]
            [value] = said["values"][f"{pulse}.{recording}.trace"]
            assert value == pytest.approx(np.sqrt(np.mean(missed_mV**2)), rel=0.02), recording
