"""One e-model of a pipeline as a study."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.imports.bluepyemodel.aims import Aims, aims_of
from workbench.imports.bluepyemodel.final import read_final
from workbench.imports.bluepyemodel.fitness import read_fitness
from workbench.imports.bluepyemodel.model import MYELIN, TAPERED, read_model
from workbench.imports.bluepyemodel.recipe import Recipe, read_recipe
from workbench.imports.bluepyopt.problem import Problem, to_study
from workbench.imports.bluepyopt.tables import mechanisms_of
from workbench.imports.source import Source
from workbench.imports.study import Imported

_MYELIN_SECTION = "axon[10]"
_MYELIN_um_PER_SEGMENT = 400.0
"""Which makes five segments of 1000 um, as BluePyEModel has them."""


def read_bluepyemodel(source: Source) -> Imported:
    """Return the e-model of a folder as BluePyEModel's local access point reads it.

    Raises
    ------
    InputError
        If files are missing or cannot be read, or the study would be another model.
    """
    recipe = read_recipe(source)
    model = read_model(recipe)
    tapered = recipe.modifier == "replace_axon_with_taper"
    aims = aims_of(*read_fitness(recipe), tapered)
    final = recipe.top / "final.json"
    published, unfit = read_final(final, recipe.name, model) if final.is_file() else ({}, [])
    study = to_study(
        Problem(
            recipe.name,
            recipe.params,
            recipe.morphology,
            _mechanisms(source, recipe),
            model.inserted,
            model.painted,
            model.conditions,
            aims.protocols,
            aims.targets,
            {"missing": 250.0, "cap": 250.0},
            groups=model.groups,
            regions=_TAPERED if tapered else {},
            constants=model.constants,
            shape=_SHAPES[recipe.modifier],
            segments={MYELIN: {"max_length_um": _MYELIN_um_PER_SEGMENT}} if tapered else {},
        )
    )
    dt_ms = recipe.settings.neuron_dt
    return replace(
        study,
        tool="bluepyemodel",
        title=f"{recipe.name}, an e-model of BluePyEModel's",
        source=str(recipe.file.resolve()),
        published=published,
        integrator={"dt_ms": dt_ms} if dt_ms else {"cvode_atol": 1e-3},
        done=[*_done(recipe), *aims.done],
        unsaid=[*model.notes, *_unsaid(recipe, aims), *aims.left, *unfit],
    )


_TAPERED = {
    TAPERED: f"axonal and not subtree('{_MYELIN_SECTION}')",
    MYELIN: f"subtree('{_MYELIN_SECTION}')",
}

_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "bluepyopt_replace_axon": {"axon": "stub"},
    "replace_axon_with_taper": {"edit": [{"type": "stub-axon", "like": "bluepyemodel"}]},
    "": {"axon": "keep"},
}


def _mechanisms(source: Source, recipe: Recipe) -> Path | None:
    """Return the folder of the .mod files; a model of NEURON's own mechanisms has none."""
    usual = recipe.top / "mechanisms"
    if source.mechanisms or any(source.files(".mod")):
        has = usual.is_dir() and any(usual.glob("*.mod"))
        return usual if has and not source.mechanisms else mechanisms_of(source)
    return None


def _done(recipe: Recipe) -> Iterator[str]:
    yield "Sections are cut into 1 + 2 int(L / 40 um) segments."
    if recipe.modifier == "replace_axon_with_taper":
        yield (
            "The axon is replaced as BluePyEModel does where `morph_modifiers` are not given: an "
            f"initial segment of 60 um and a myelin of 1000 um. What is `axonal` there is the "
            f"region `{TAPERED}` here, also in names of parameters."
        )
    elif recipe.modifier:
        yield "The axon is replaced by BluePyOpt's stub, as `morph_modifiers` says."
    else:
        yield "The axon is kept, as `morph_modifiers` says."
    if recipe.settings.neuron_dt:
        yield "Fixed steps of `neuron_dt`."
    else:
        yield "CVODE at NEURON's own tolerance of 1e-3, as BluePyOpt's simulator leaves it."
    yield (
        "Features are measured while the stimulus lasts, under `bAP` until the end of the run, "
        "unless `efel_settings` say otherwise. A hold is a step of the whole run."
    )


def _unsaid(recipe: Recipe, aims: Aims) -> Iterator[str]:
    settings = recipe.settings
    if settings.stochasticity:
        yield (
            "`stochasticity`: no channel of this model draws random numbers. BluePyEModel takes "
            "fixed steps for protocols that ask for it; here all have the study's integrator."
        )
    if recipe.final:
        yield f"`final` names {recipe.final}, which was not read; sets are those of final.json."
    if settings.cvode_minstep and not settings.neuron_dt:
        yield f"`cvode_minstep` is {settings.cvode_minstep:g} ms; here CVODE has no shortest step."
    if not aims.protocols:
        yield "No protocol could be said: write one in protocols.toml, with targets of your own."
    yield "The settings of optimisation, validation and extraction were not read."
