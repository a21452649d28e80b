"""The table "where to change what" is true: what is added in exactly those places works.

Each addition is made in a copy of the package, and seen as a user sees it. What is added is what
CONTRIBUTING.md shows.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.system.command import REPOSITORY

BLOCKS = re.findall(
    r"```python\n(.*?)```", (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL
)
FEATURE, SEARCH, RULE, EDIT, STIMULUS, CLAMP = BLOCKS
Addition = Mapping[str, str | tuple[str, str]]
"""By file of the package: the whole of a new one, or what there is and what stands there then."""


def before(line: str, added: str) -> tuple[str, str]:
    return line, added + line


ADDITIONS: dict[str, Addition] = {
    "a feature": {
        "features/areas.py": FEATURE,
        "features/__init__.py": before(
            "from workbench.features.efel_door", "from workbench.features import areas\n"
        ),
    },
    "a search": {
        "search/narrowing.py": SEARCH,
        "search/registry.py": before(
            '    "random":', '    "narrowing": ("workbench.search.narrowing", "Narrowing"),\n'
        ),
    },
    "a lint rule": {
        "nmodl/rules/temperature.py": RULE,
        "nmodl/rules/__init__.py": before("    timing,\n", "    temperature,\n"),
    },
    "a stimulus": {
        "protocols/stimuli.py": (
            "STIMULI: Sequence[type[Stimulus]] = (\n",
            f"{STIMULUS}\n\nSTIMULI: Sequence[type[Stimulus]] = (\n    Hold,\n",
        ),
        "engines/neuron/clamps.py": before(
            "def check_clamps(",
            f"from workbench.protocols.stimuli import Hold\n{CLAMP}\n\n",
        ),
    },
    "an edit of a shape": {
        "morphology/edits/thicken.py": EDIT,
        "morphology/__init__.py": before(
            "from workbench.morphology.generate.tables",
            "from workbench.morphology.edits.thicken import thicken\n",
        ),
    },
}


def places(row: str) -> set[str]:
    """Return the files and folders of the package that a row of the table names."""
    page = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    [told] = re.findall(rf"^\| {re.escape(row)} \| (.*) \|$", page, re.MULTILINE)
    return {place for place in re.findall(r"`([^`]+)`", told) if "/" in place}


@pytest.fixture
def added(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with a copy of the package that holds an addition, and what lies beside it."""
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "workbench", tmp_path / "workbench", ignore=skipped)
    for beside in ("mechanisms", "morphologies"):
        (tmp_path / beside).symlink_to(REPOSITORY / beside)
    shutil.copytree(REPOSITORY / "optimizations", tmp_path / "optimizations")
    for file, change in ADDITIONS[request.param].items():
        path = tmp_path / "workbench" / file
        if isinstance(change, str):
            assert not path.exists()
            path.write_text(change, encoding="utf-8")
        else:
            text = path.read_text(encoding="utf-8")
            assert text.count(change[0]) == 1, change[0]
            path.write_text(text.replace(*change), encoding="utf-8")
    return tmp_path


def run(folder: Path, script: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *args],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )


def workbench(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "from workbench.cli import main; main()", *args)


@pytest.mark.parametrize("row", ADDITIONS)
def test_an_addition_touches_what_the_table_names(row: str) -> None:
    named, touched = places(row), set(ADDITIONS[row])
    for place in named:
        assert any(file == place or file.startswith(place) for file in touched), place
    for file in touched:
        assert any(file == place or file.startswith(place) for place in named), file


@pytest.mark.parametrize("added", ["a feature"], indirect=True)
def test_a_new_feature_is_a_target(added: Path) -> None:
    targets = added / "optimizations" / "hodgkin_huxley" / "targets.toml"
    text = targets.read_text(encoding="utf-8")
    assert text.count("[step.soma.features]\n") == 1
    targets.write_text(
        text.replace(
            "[step.soma.features]\n", "[step.soma.features]\ndepolarisation_area = [0, 1]\n"
        ),
        encoding="utf-8",
    )
    done = workbench(added, "score", "hodgkin_huxley", "--params", "published")
    assert done.returncode == 0, done.stderr
    [line] = [one for one in done.stdout.splitlines() if "step.soma.depolarisation_area" in one]
    assert re.search(r"0 ± 1 +\d+", line)


@pytest.mark.parametrize("added", ["a search"], indirect=True)
def test_a_new_search_fits(added: Path) -> None:
    size = ["--population", "4", "--generations", "2", "--workers", "1", "--out", "run"]
    done = workbench(added, "fit", "hodgkin_huxley", "--algorithm", "narrowing", *size)
    assert done.returncode == 0, done.stderr
    assert "8/8" in done.stdout + done.stderr


@pytest.mark.parametrize("added", ["a lint rule"], indirect=True)
def test_a_new_rule_finds(added: Path) -> None:
    (added / "mine").mkdir()
    (added / "mine" / "warm.mod").write_text(
        "NEURON { SUFFIX warm NONSPECIFIC_CURRENT i }\n"
        "ASSIGNED { v (mV) i (mA/cm2) celsius (degC) }\n"
        "INITIAL {\n    celsius = 34\n}\nBREAKPOINT { i = 0 }\n"
    )
    done = workbench(added, "mechanisms", "lint", "mine")
    assert "celsius-assigned" in done.stdout, done.stdout + done.stderr
    assert "warm.mod:4" in done.stdout


@pytest.mark.parametrize("added", ["a stimulus"], indirect=True)
def test_a_new_stimulus_is_simulated_and_kept_or_refused(added: Path) -> None:
    """Held for ever it does what a step as long does; where it is not known it is refused."""
    protocols = added / "optimizations" / "hodgkin_huxley" / "protocols.toml"
    text = protocols.read_text(encoding="utf-8")
    lasting = 'type = "step", site = "soma(0.5)", delay_ms = "delay_ms", duration_ms = "width_ms"'
    assert text.count(lasting) == 1
    held = 'type = "hold", site = "soma(0.5)", delay_ms = "delay_ms"'
    long = ["simulate", "hodgkin_huxley", "--params", "published", "--protocol", "step", "--json"]
    before = workbench(added, *long, "--with", "width_ms=1000")
    assert before.returncode == 0, before.stderr
    protocols.write_text(text.replace(lasting, held), encoding="utf-8")
    after = workbench(added, *long)
    assert after.returncode == 0, after.stderr
    assert after.stdout == before.stdout
    export = workbench(
        added, "export", "hodgkin_huxley", "--format", "bluepyopt", "--params", "published"
    )
    assert export.returncode == 2
    assert "protocol step: the stimulus Hold; it is given Step, Alpha, Ramp" in export.stderr
    protocols.write_text(text.replace(lasting, held.replace("delay_ms", "delay")))
    wrong = workbench(added, *long)
    assert wrong.returncode == 2
    assert "unknown key 'delay'; did you mean 'delay_ms'" in wrong.stderr


@pytest.mark.parametrize("added", ["an edit of a shape"], indirect=True)
def test_a_new_edit_is_one_of_the_package(added: Path) -> None:
    script = (
        "from workbench.morphology import Cylinder, cylinder_tree, thicken\n"
        "cell = cylinder_tree('b', [Cylinder('somatic', 20, 20)])\n"
        "after = thicken(cell, region='somatic', by_um=40)\n"
        "print(after.sections[0].area_um2 / cell.sections[0].area_um2)"
    )
    done = run(added, script)
    assert float(done.stdout) == pytest.approx(3), done.stderr
    study = added / "optimizations" / "hodgkin_huxley" / "cell.toml"
    text = study.read_text(encoding="utf-8")
    before_, line, rest = text.partition("[mechanisms.insert]\n")
    assert line
    written = '[[morphology.edit]]\ntype = "thicken"\nregion = "somatic"\nby_um = 1\n\n'
    study.write_text(before_ + written + line + rest, encoding="utf-8")
    done = workbench(added, "score", "hodgkin_huxley", "--params", "published")
    assert done.returncode == 0, done.stderr
    assert "thicken" in workbench(added, "morphology", "edits").stdout
