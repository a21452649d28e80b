"""A cell in NeuroML: read back by our own import, and run in NEURON by jNeuroML."""

import os
import subprocess
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from tests.physics.exports.models import STEPS, small_study
from tests.unit.exports.small_problem import FALLING, SOMA, VALUES, stubbed, write_swc
from workbench.cells import CellRecipe, MaximalLength, Paint
from workbench.engines import Integrator, Job
from workbench.engines.tasks import simulate
from workbench.errors import NotTheSame
from workbench.exports.handing import hand_on
from workbench.exports.model import Model, model_of
from workbench.exports.neuroml import write_neuroml
from workbench.exports.neuroml.cell import cell_of
from workbench.exports.neuroml.membrane import membrane_of
from workbench.morphology import parse_site
from workbench.protocols import Protocol, Recording, Step, Traces
from workbench.studies import load_study
from workbench.workers import ProcessWorkers

NEUROML = os.environ.get("WORKBENCH_NEUROML", "")
"""The Python of an environment with pyneuroml and neuron; there is Java on the PATH."""

outside = pytest.mark.skipif(not NEUROML, reason="WORKBENCH_NEUROML names no Python with pyneuroml")


def quiet(sentence: str) -> None:
    """Say nothing."""


def spiking(folder: Path, integrator: Integrator = STEPS) -> Model:
    """Return a cell with channels of Hay et al. 2011, one of them along the apical dendrite."""
    base = load_study("l5pc")
    recipe = CellRecipe(
        "spiking",
        stubbed(write_swc(folder)),
        mechanisms=base.problem.recipe.mechanisms,
        inserted=(
            ("all", "pas"),
            ("somatic", "NaTs2_t"),
            ("somatic", "SKv3_1"),
            ("axonal", "NaTa_t"),
            ("axonal", "K_Tst"),
            ("apical", "Ih"),
        ),
        paint=(
            Paint("Ra", "all", 120.0),
            Paint("cm", "apical", 2.0),
            Paint("g_pas", "all", 5e-5),
            Paint("e_pas", "all", -75.0),
            Paint("ena", "somatic", 50.0),
            Paint("ena", "axonal", 50.0),
            Paint("ek", "somatic", -85.0),
            Paint("ek", "axonal", -90.0),
            Paint("gNaTs2_tbar_NaTs2_t", "somatic", 0.9),
            Paint("gSKv3_1bar_SKv3_1", "somatic", 0.3),
            Paint("gNaTa_tbar_NaTa_t", "axonal", 1.5),
            Paint("gK_Tstbar_K_Tst", "axonal", 0.05),
            Paint("gIhbar_Ih", "apical", 2e-4, FALLING),
        ),
        segments=MaximalLength(25.0),
        celsius_degC=34.0,
        v_init_mV=-75.0,
    )
    places = {"soma": SOMA, "apic": parse_site("apic[2](0.7)"), "axon": parse_site("axon[0](0.4)")}
    recordings = tuple(Recording(name, site) for name, site in places.items())
    steps = (Step(SOMA, 5.0, 60.0, 0.5), Step(parse_site("apic[1](0.5)"), 20.0, 30.0, 0.2))
    protocol = Protocol("Two", 80.0, steps, recordings)
    problem = replace(
        base.problem, recipe=recipe, parameters=(), protocols=(protocol,), objectives=()
    )
    study = replace(base, name="spiking", problem=replace(problem, integrator=integrator))
    return model_of(replace(study, protocols=(protocol,)), {}, "known", (protocol,), True)


def test_our_own_import_reads_the_same_cell(tmp_path: Path) -> None:
    """Sections that are cut into cables differ from the one in rounding alone.

    NEURON keeps points with 7 digits, and where they are cut there are new ones: 1.5e-5 mV where a
    spike rises by 500 mV/ms.
    """
    model = spiking(tmp_path)
    [protocol] = model.protocols
    folder = tmp_path / "neuroml"
    folder.mkdir()
    write_neuroml(model, folder)
    [channels] = model.recipe.mechanisms
    file = folder / "spiking.cell.nml"
    read = wb.import_study(
        "neuroml", file, out=tmp_path / "read", mechanisms=channels.folder
    ).problem.recipe
    assert sum(read.segment_counts) == sum(model.recipe.segment_counts)
    _, shape = cell_of(model, membrane_of(model))

    def moved(name: str) -> str:
        """Return a place as the import calls it: each of our segments there is a section."""
        section, x = model.recipe.morphology.index(name.partition("(")[0]), float(name[-4:-1])
        segment = section, int(x * model.recipe.segment_counts[section])
        cable = next(one for one in shape.cables if one.name == shape.cable_of[segment])
        alike = [one.name for one in shape.cables if one.region == cable.region]
        at = 0.5 if cable.divisions == 1 else x
        return f"{name.partition('[')[0]}[{alike.index(cable.name)}]({at})"

    recordings = tuple(
        replace(one, site=parse_site(moved(place)))
        for one, place in zip(
            protocol.recordings, ("soma[0](0.5)", "apic[2](0.7)", "axon[0](0.4)"), strict=True
        )
    )
    near, far = protocol.stimuli
    far = replace(far, site=parse_site(moved("apic[1](0.5)")))
    again = replace(protocol, recordings=recordings, stimuli=(near, far))
    jobs = [
        Job(model.recipe, protocol, STEPS),
        Job(replace(read, celsius_degC=34.0), again, STEPS),
    ]
    with ProcessWorkers(1) as workers:
        ours, theirs = simulate(jobs, workers)
    assert isinstance(ours, Traces)
    assert isinstance(theirs, Traces)
    assert ours.recorded["soma.v"].max() > 0
    for name, values in ours.recorded.items():
        np.testing.assert_allclose(theirs.recorded[name], values, atol=1e-4)


@outside
def test_jneuroml_is_near(tmp_path: Path) -> None:
    """With CVODE, since its gates take fixed steps of forward Euler and ours exponential ones."""
    model = spiking(tmp_path, Integrator(atol=1e-5))
    made = hand_on(
        model.study, {}, "known", "neuroml", tmp_path / "out", quiet, python=Path(NEUROML)
    )
    near = made.protocols["Two"].nearness
    assert near.shift_ms < 0.01
    assert near.apart_mV < 0.1


@outside
def test_every_file_is_one_of_the_schema(tmp_path: Path) -> None:
    """But for pools, of which the schema knows those of NeuroML alone."""
    write_neuroml(spiking(tmp_path), tmp_path)
    check = (
        "import sys; from neuroml.utils import validate_neuroml2; "
        "[validate_neuroml2(name) for name in sys.argv[1:]]"
    )
    files = sorted(str(one) for one in tmp_path.glob("*.nml"))
    done = subprocess.run(
        [NEUROML, "-c", check, *files], capture_output=True, text=True, check=False
    )
    assert len(files) == 8
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("It's valid!") == len(files)


@outside
def test_a_cell_that_is_another_is_refused(tmp_path: Path, monkeypatch) -> None:
    """A pulse of ten times its amplitude is found."""
    monkeypatch.setattr(
        # The package has a function of this name.
        import_module("workbench.exports.neuroml.simulation"),
        "amounts_of",
        lambda one: {"delay_ms": 5.0, "duration_ms": 60.0, "amplitude_nA": 5.0},
    )
    study = small_study(tmp_path)
    recipe = replace(study.problem.recipe, placed=())
    kept = tuple(one for one in study.protocols if one.name == "Step")
    study = replace(study, problem=replace(study.problem, recipe=recipe), protocols=kept)
    with pytest.raises(NotTheSame, match=r"Step: \w+\.v at [\d.]+ ms"):
        hand_on(study, VALUES, "known", "neuroml", tmp_path / "out", quiet, python=Path(NEUROML))
