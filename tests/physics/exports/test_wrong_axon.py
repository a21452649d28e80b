"""An export whose axon is another is refused in every format, with the place or the score."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.physics.exports.models import read_plainly, steps_alone
from tests.unit.exports.small_problem import VALUES, make_problem, stubbed, write_swc
from workbench.errors import NotTheSame
from workbench.exports.bluepyopt import handing
from workbench.exports.formats import format_named
from workbench.exports.handing import write
from workbench.exports.model import model_of
from workbench.exports.running import Environment
from workbench.exports.verifying import verify
from workbench.studies import load_study

ARBOR = os.environ.get("WORKBENCH_ARBOR", "")


def quiet(sentence: str) -> None:
    """Say nothing."""


def changed(file: Path, pattern: str, by: float) -> None:
    """Multiply the number that follows whatever a pattern matches in a file."""
    given = file.read_text()
    text, count = re.subn(
        rf"({pattern})([\d.e-]+)", lambda found: found[1] + repr(by * float(found[2])), given
    )
    assert count
    assert text != given
    file.write_text(text)


def in_json(shapes: list[dict], axon: dict, diameter: str) -> None:
    """Make one section of the stub 1 % thicker, cylinder or 3-d points."""
    [found] = [one for one in shapes if axon.items() <= one.items()]
    for point in found.get("points", []):
        point[3] *= 1.01
    if diameter in found:
        found[diameter] *= 1.01


def in_python(out: Path) -> None:
    file = out / "sections.json"
    shapes = json.loads(file.read_text())
    in_json(shapes, {"name": "axon[1]"}, "diam")
    file.write_text(json.dumps(shapes))


def in_hoc(out: Path) -> None:
    [file] = [one for one in out.rglob("*.hoc") if "begintemplate" in one.read_text()]
    changed(file, r"axon\[1\] (?:\{ L = \S+ diam = |pt3dadd\((?:\S+, ){3})", 1.01)


@pytest.mark.parametrize(
    ("name", "spoil"), [("python", in_python), ("hoc", in_hoc), ("sonata", in_hoc)]
)
def test_the_first_sample_that_differs_is_named(
    tmp_path: Path, name: str, spoil: Callable[[Path], None]
) -> None:
    """One diameter of the stub is 1 % off. SONATA is read as its guide says, without BMTK."""
    study, form = steps_alone(tmp_path), format_named(name)
    model = model_of(study, VALUES, "known", study.protocols, form.cvode)
    write(model, form, tmp_path / "out")
    if name == "sonata":
        form = read_plainly(form, tmp_path / "out")
    spoil(tmp_path / "out")
    with pytest.raises(NotTheSame, match=r"Step: soma\.v at [\d.]+ ms is -6\d\.\d+, ours -6\d"):
        verify(model, tmp_path / "out", form, quiet)


def test_a_score_that_differs_is_named_in_bluepyopt(tmp_path: Path, monkeypatch) -> None:
    write_folder = handing.write_folder

    def spoilt(problem, sets, folder, file=None):
        left = write_folder(problem, sets, folder, file)
        tables = json.loads((folder / "problem.json").read_text())
        axon = {"array": "axon", "number": 1}
        in_json(tables["morphology"]["sections"], axon, "diameter_um")
        (folder / "problem.json").write_text(json.dumps(tables))
        return left

    monkeypatch.setattr(handing, "write_folder", spoilt)
    problem = make_problem(stubbed(write_swc(tmp_path)))
    study = replace(load_study("hodgkin_huxley"), problem=problem, published={})
    out, where = tmp_path / "out", Environment()
    with pytest.raises(NotTheSame, match=r"does not score as .*: \S+ is [\d.]+, ours [\d.]+"):
        handing.hand_to_bluepyopt(study, VALUES, "known", out, None, quiet, where)


@pytest.mark.skipif(not ARBOR, reason="WORKBENCH_ARBOR names no Python with arbor")
def test_the_shape_as_arbor_reads_it_is_named(tmp_path: Path) -> None:
    """Traces are within 0.02 mV and 0.003 ms then, less than what Arbor's may be off."""
    study, form = steps_alone(tmp_path), format_named("arbor")
    model = model_of(study, VALUES, "known", study.protocols, form.cvode)
    write(model, form, tmp_path / "out")
    point = r"\(point \S+ \S+ \S+ "
    file = tmp_path / "out" / "morphology.acc"
    thicker = re.sub(
        rf"({point})(\S+)(\) {point})(\S+)(\) 2\))",
        lambda found: (
            f"{found[1]}{1.01 * float(found[2])}{found[3]}{1.01 * float(found[4])}{found[5]}"
        ),
        file.read_text(),
    )
    assert thicker != file.read_text()
    file.write_text(thicker)
    area_um2 = study.problem.recipe.morphology.area_um2("axonal")
    said = f"the axonal membrane is {1.01 * area_um2:.6g} um2, ours {area_um2:.6g}"
    with pytest.raises(NotTheSame, match=re.escape(said)):
        verify(model, tmp_path / "out", form, quiet, Environment(ARBOR))
