"""What provenance.json holds: enough to read a run when its study is no longer what it was.

Written and read by the same tables. A record of an older workbench may lack what has a default;
what a newer one tells beside is kept when the record is written again.
"""

from dataclasses import replace
from typing import Any, Self

from pydantic import Field

from workbench.cells import CellRecipe, told
from workbench.fitting import (
    Parameter,
    Penalty,
    Problem,
    Repeats,
    ScoreRule,
)
from workbench.morphology import Morphology, NamedRegion
from workbench.runs.record_aims import ObjectiveRecord
from workbench.runs.record_protocols import BlockRecord, ProtocolRecord
from workbench.runs.record_table import Table, Text
from workbench.studies import SearchPlan, Study
from workbench.studies.notes import notes_of

SCHEMA_VERSION = 1


class StudyRecord(Table):
    """Name, place and words of the study."""

    name: Text
    folder: Text
    title: Text
    description: Text
    accuracy: Text = ""

    @classmethod
    def of(cls, study: Study) -> Self:
        """Return what is kept of a study."""
        return cls(
            name=study.name,
            folder=str(study.folder),
            title=study.title,
            description=study.description,
            accuracy=study.accuracy,
        )


class RegionRecord(Table):
    """A named region: its expression, and what it holds."""

    name: Text
    where: Text
    cut: bool
    sections: int
    length_um: float

    @classmethod
    def of(cls, region: NamedRegion, morphology: Morphology) -> Self:
        """Return what is kept of a region."""
        return cls(
            name=region.name,
            where=region.where,
            cut=region.cut,
            sections=len(morphology.indices(region.name)),
            length_um=morphology.length_um(region.name),
        )


class CellRecord(Table):
    """The cell in numbers."""

    morphology: Text
    morphology_digest: Text
    edits: tuple[Text, ...] = ()
    regions: tuple[RegionRecord, ...] = ()
    values: tuple[Text, ...] = ()
    """What of its values is more than a number."""
    sections: int
    segments: int
    celsius_degC: float
    v_init_mV: float

    @classmethod
    def of(cls, recipe: CellRecipe) -> Self:
        """Return what is kept of a cell."""
        morphology = recipe.morphology
        return cls(
            morphology=morphology.name,
            morphology_digest=morphology.digest,
            edits=morphology.edits,
            regions=tuple(RegionRecord.of(one, morphology) for one in morphology.regions),
            values=tuple(told(recipe)),
            sections=len(morphology.sections),
            segments=sum(recipe.segment_counts),
            celsius_degC=recipe.celsius_degC,
            v_init_mV=recipe.v_init_mV,
        )


class MechanismRecord(Table):
    """A set of mechanisms."""

    name: Text
    digest: Text


class ProblemRecord(Table):
    """What was asked: parameters, protocols, targets, and how they were simulated."""

    digest: Text
    parts: dict[str, str]
    parameters: tuple[Parameter, ...]
    objectives: tuple[ObjectiveRecord, ...]
    protocols: tuple[ProtocolRecord, ...]
    integrator: Text
    rule: ScoreRule
    cell: CellRecord | None
    """None of an evaluator, which alone knows its cell."""
    cells: dict[str, CellRecord] = Field(default_factory=dict)
    """By what its morphologies are called, if there are several; `cell` has the first."""
    mechanisms: tuple[MechanismRecord, ...]
    notes: tuple[Text, ...] = ()
    units: dict[str, Text] = Field(default_factory=dict)
    """Of the parameters, as far as .mod files declare them."""
    penalties: tuple[Penalty, ...] = ()
    block: BlockRecord | None = None

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """Return what is kept of a problem."""
        recipe = problem.recipe
        units = {name: recipe.unit_of(name) for name in problem.parameter_names}
        return cls(
            digest=problem.digest,
            parts=dict(problem.parts),
            parameters=problem.parameters,
            objectives=tuple(map(ObjectiveRecord.of, problem.objectives)),
            protocols=tuple(map(ProtocolRecord.of, problem.protocols)),
            integrator=problem.integration,
            rule=problem.rule,
            cell=CellRecord.of(recipe),
            cells={
                name: CellRecord.of(own)
                for (name, _), (own, _) in zip(
                    problem.morphologies, problem.cells(recipe), strict=False
                )
            },
            mechanisms=tuple(
                MechanismRecord(name=one.name, digest=one.digest) for one in recipe.mechanisms
            ),
            notes=notes_of(problem),
            units={name: unit for name, unit in units.items() if unit},
            penalties=problem.penalties,
            block=None if problem.block is None else BlockRecord.of(problem.block),
        )


class CommitRecord(Table):
    """The commit of the clone that the workbench ran from."""

    commit: Text
    dirty: bool


class SessionRecord(Table):
    """One time that the run was begun or gone on with; times are ISO text in UTC.

    `ended` is None while it runs, and if it was killed. `generations` are those that the run was to
    have in all from then on. `changes` are those of what the run is made with that were accepted.
    `proof` is what comparing the population engine with NEURON has found.
    """

    started: Text
    ended: Text | None
    workers: Text
    reason: Text
    generations: int | None = None
    made_with: dict[str, str] | None = None
    changes: tuple[Text, ...] | None = None
    proof: Text = ""


class RepeatsRecord(Table):
    """The values of which a target's mean is, and what they are of."""

    values: tuple[float, ...]
    source: tuple[Text, ...] = ()


class RescoredRecord(Table):
    """The run whose evaluations were scored anew, its problem, and the new targets' file."""

    run: Text
    problem: Text
    targets: Text


class Record(Table):
    """The whole of provenance.json but its checksum."""

    schema_version: int = SCHEMA_VERSION
    study: StudyRecord
    created: Text
    command: tuple[Text, ...]
    problem: ProblemRecord
    search: SearchPlan
    software: dict[str, str]
    machine: dict[str, Any]
    git: CommitRecord | None
    sessions: tuple[SessionRecord, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)
    restored: Text | None = None
    rescored: RescoredRecord | None = None
    held_out: ProblemRecord | None = None
    """The targets that the search does not see, with the same cell."""
    repeats: dict[str, RepeatsRecord] = Field(default_factory=dict)
    """By a target's name, as far as targets.toml has them."""

    def with_generations(self, generations: int) -> Self:
        """Return the record with another number of generations that the run is to have in all."""
        return self.model_copy(update={"search": replace(self.search, generations=generations)})

    def repeated(self) -> dict[str, Repeats]:
        """Return the values of which targets are, by name."""
        return {name: Repeats(one.values, one.source) for name, one in self.repeats.items()}

    def with_session(self, session: SessionRecord) -> Self:
        """Return the record with one more session."""
        return self.model_copy(update={"sessions": (*self.sessions, session)})
