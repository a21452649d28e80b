"""Experiments by name: a folder with experiment.toml and what is made of its table."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import StudyError, unknown
from workbench.experiments.analysis import Analysis, analysis_beside
from workbench.experiments.design import Sample, design
from workbench.experiments.experiment import Experiment
from workbench.experiments.file import CellOfTable, ExperimentTable, flattened, read_experiment
from workbench.inputs import is_file
from workbench.morphology import edit_morphology, generate_morphology, load_morphology
from workbench.resources import shipped
from workbench.studies import EngineChoice, Study, cell_with_engine, load_study
from workbench.studies.cells import segments_from
from workbench.studies.files import at

FILE = "experiment.toml"

Choose = Callable[[Study, str | None], tuple[Study, Mapping[str, float]]]
"""What finds a parameter set of a study, as `--params` takes it."""


@dataclass(frozen=True)
class Described:
    """An experiment as its file describes it.

    Attributes
    ----------
    name, title
        Of the experiment, and what it is in a line.
    folder
        Where its file lies.
    experiment
        What is simulated and measured.
    samples
        Its cells by name.
    analysis
        What is made of its table, by analysis.py beside the file; None if there is none.
    """

    name: str
    title: str
    folder: Path
    experiment: Experiment
    samples: Mapping[str, Sample]
    analysis: Analysis | None

    def __repr__(self) -> str:
        return f"<Described {self.name}: {self.title}; {self.experiment!r}>"

    @property
    def limit_s(self) -> float:
        """How long a worker may take for a simulation."""
        return max(sample.study.fit.limit_s for sample in self.samples.values())


def experiment_names() -> list[str]:
    """Return the names of all experiments in ./optimizations and of those that ship."""
    roots = [Path("optimizations"), shipped("optimizations")]
    return sorted({path.parent.name for root in roots for path in root.glob(f"*/{FILE}")})


def find_experiment(name: str | Path) -> Path:
    """Return the file of an experiment: a file, a folder, then ./optimizations, then what ships.

    Raises
    ------
    StudyError
        If there is none; with the names that exist.
    """
    if Path(name).suffix == ".toml":
        return Path(name)
    places = [Path(name), Path("optimizations") / name, shipped("optimizations") / name]
    with suppress(OSError, ValueError):
        for place in places:
            if is_file(place / FILE):
                return place / FILE
    raise StudyError(
        unknown("experiment", name, experiment_names())
        + f"; or a file such as rates.toml, or a folder with {FILE}"
    )


def described(file: Path, choose: Choose, trusted: bool = False) -> Described:
    """Return the experiment that a file describes.

    Parameters
    ----------
    choose
        What finds parameter sets.
    trusted
        Whether Python beside the file may run; what ships always may.

    Raises
    ------
    InputError
        With the file and the key of what cannot be; if there is Python that nobody trusts.
    """
    said = read_experiment(file)
    with at(str(file)):
        engine = said.choice()
        samples = {name: _sample(one, engine, choose) for name, one in said.each_cell().items()}
        wanted = said.wanted(file.parent, trusted)
        experiment = design(samples, said.protocols, wanted, _factors(said), said.table())
    analysis = analysis_beside(file, trusted)
    name = file.resolve().parent.name if file.name == FILE else file.stem
    return Described(name, said.title or name, file.parent, experiment, samples, analysis)


def _factors(said: ExperimentTable) -> dict[str, Any] | None:
    return None if said.rows is not None and not said.factors else said.levels()


def _sample(said: CellOfTable, engine: EngineChoice, choose: Choose) -> Sample:
    assert said.study is not None, "which `read_experiment` has seen to"
    if said.morphology is not None and said.generate is not None:
        raise StudyError("a cell has a morphology or is generated: give one of the two")
    study, values = choose(load_study(said.study), said.params)
    if said.segments is not None:
        study = study.with_segments(segments_from(said.segments))
    if study.morphologies and said.morphology is None and said.generate is None:
        raise StudyError(
            f"{study.name} has several morphologies; the cell of an experiment has one: name a "
            "file or a catalogue's cell with morphology"
        )
    recipe = study.problem.recipe.with_values(values)
    morphology = recipe.morphology
    if said.morphology is not None:
        morphology = load_morphology(said.morphology)
    if said.generate is not None:
        morphology = generate_morphology(said.generate)
    recipe = recipe.with_morphology(edit_morphology(morphology, *said.edit))
    recipe = recipe.with_values(flattened(said.values))
    return Sample(*cell_with_engine(recipe, study, engine))
