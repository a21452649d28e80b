"""A small model with all that Python and hoc for NEURON can say, on stock mechanisms."""

import shutil
from dataclasses import replace
from pathlib import Path

from tests.unit.exports.small_problem import SOMA, VALUES, make_problem, stubbed, write_swc
from workbench.cells import OnPlaced, Paint, Placed, Spines
from workbench.engines import Integrator, fixed_step
from workbench.exports.formats import Format, format_named
from workbench.exports.model import Model, model_of
from workbench.protocols import (
    EventTimes,
    Noise,
    Protocol,
    Ramp,
    Recording,
    Step,
    VoltageClamp,
)
from workbench.studies import Study, load_study

STEPS = fixed_step(0.025)
SYNAPSE = {"tau": 2.0, "weight": 2e-3}


def small_study(folder: Path, integrator: Integrator = STEPS) -> Study:
    """Return a study of a cell with an axon stub, named regions, spines and a synapse."""
    tree = stubbed(write_swc(folder)).with_regions(
        {"far": {"where": "apical and distance_um > 130", "cut": True}, "one": "dend[0]"}
    )
    problem = make_problem(tree, integrator)
    recipe = replace(
        problem.recipe,
        paint=(*problem.recipe.paint, Paint("cm", "far", 1.7), Paint("g_pas", "one", 3e-4)),
        placed=(Placed("syn", "ExpSyn", ["apic[0](0.6)", "dend[0](0.7)"], SYNAPSE),),
        spines=(Spines("far", 1.0, 0.8, scaled=("cm",)),),
    )
    clamped = (
        Recording("soma", SOMA),
        Recording("soma", SOMA, "i_clamp"),
        Recording("soma", SOMA, "ina"),
    )
    more = (
        Protocol("Clamp", 20.0, (VoltageClamp(SOMA, 5.0, 10.0, -70.0, -20.0),), clamped),
        Protocol(
            "Played",
            60.0,
            (Ramp(SOMA, 5.0, 20.0, 0.0, 1.0), Noise(SOMA, 30.0, 25.0, 0.3, 0.2, 3.0, 7)),
            clamped[:1],
            celsius_degC=12.0,
        ),
        Protocol(
            "Driven",
            40.0,
            (Step(SOMA, 0.0, 40.0, 0.01),),
            (Recording("soma", SOMA), Recording("syn", OnPlaced("syn", 1), "g")),
            v_init_mV=-70.0,
            events=(EventTimes("syn", (5.013, 9.0, 9.5)),),
        ),
    )
    problem = replace(problem, recipe=recipe)
    base = load_study("hodgkin_huxley")
    return replace(
        base, name="small", problem=problem, protocols=(*problem.protocols, *more), published={}
    )


def small_model(folder: Path, form: str, integrator: Integrator = STEPS) -> Model:
    """Return the small study's model as a format has it."""
    study = small_study(folder, integrator)
    return model_of(study, VALUES, "known", study.protocols, format_named(form).cvode)


def steps_alone(folder: Path) -> Study:
    """Return the small study without its synapse, under steps alone: what SONATA can say."""
    study = small_study(folder)
    recipe = replace(study.problem.recipe, placed=())
    protocols = tuple(one for one in study.protocols if one.name in ("Step", "Train"))
    return replace(study, problem=replace(study.problem, recipe=recipe), protocols=protocols)


def read_plainly(sonata: Format, folder: Path) -> Format:
    """Return the format of an exported folder, read as its guide says in place of by BMTK."""
    shutil.copyfile(Path(__file__).with_name("plain_sonata.py"), folder / "plain_sonata.py")
    return replace(
        sonata, command=lambda name, folder, where: where.script("plain_sonata.py", name)
    )
