"""What provenance.json holds: enough to read a run when its study is no longer what it was.

Written and read by the same tables. A record of an older workbench may lack what has a default;
what a newer one tells beside is kept when the record is written again.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, PlainValidator, model_validator

from workbench.cells import CellRecipe, told
from workbench.errors import shortened
from workbench.evaluations import Measure
from workbench.features import Against, Train, Window
from workbench.fitting import (
    BlockCheck,
    Objective,
    Parameter,
    Penalty,
    Problem,
    Repeats,
    ScoreRule,
)
from workbench.morphology import Morphology, NamedRegion
from workbench.protocols import Events, Protocol, Stimulus, VoltageFile
from workbench.studies import SearchPlan, Study
from workbench.studies.notes import notes_of

SCHEMA_VERSION = 1


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a text (given: {shortened(repr(value))})")
    return value


Text = Annotated[str, PlainValidator(_text)]
"""A text; it may hold what pydantic takes for none, bytes of a path that are not UTF-8."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class StudyRecord(_Table):
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


class MeasureRecord(_Table):
    """What is measured.

    `settings` are eFEL's other settings; older workbenches left them to the study, and told None.
    """

    protocol: Text
    location: Text
    recording: Text
    feature: Text
    window_ms: tuple[float, float]
    threshold_mV: float
    settings: dict[str, float | Text] | None = None
    to: Text = ""
    morphology: Text = ""

    @classmethod
    def of_plain(cls, measure: Measure) -> Self:
        """Return what is kept of a measure that is not made of two."""
        return cls(**_plain(measure))

    def measure(self) -> Measure:
        """Return the measure."""
        return Measure(
            self.protocol,
            self.location,
            self.feature,
            Window(*self.window_ms, self.threshold_mV, self.settings or {}),
            self.recording.removeprefix(self.location + "."),
            self.to,
            morphology=self.morphology,
        )


class AgainstRecord(_Table):
    """A recorded voltage, whose samples are kept under their digest, and what is cut out of it."""

    file: Text
    sha256: Text
    cut_ms: tuple[float, float] | None

    @classmethod
    def of(cls, against: Against) -> Self:
        """Return what is kept of it."""
        recorded = against.recorded
        return cls(file=recorded.name, sha256=recorded.digest, cut_ms=against.cut_ms)


class TrainRecord(_Table):
    """Recorded spikes with which simulated ones are compared."""

    name: Text
    times_ms: tuple[float, ...]
    within_ms: float
    sigma_ms: float

    @classmethod
    def of(cls, train: Train) -> Self:
        """Return what is kept of them: all."""
        return cls(**asdict(train))

    def train(self) -> Train:
        """Return the spikes."""
        return Train(**self.model_dump())


class ObjectiveRecord(MeasureRecord):
    """An objective with its target."""

    name: Text
    mean: float
    std: float
    weight: float = 1.0
    side: Literal["", "below", "above"] = ""
    minus: MeasureRecord | None = None
    over: MeasureRecord | None = None
    against: AgainstRecord | None = None
    train: TrainRecord | None = None

    @classmethod
    def of(cls, objective: Objective) -> Self:
        """Return what is kept of an objective."""
        minus, over, against = objective.minus, objective.over, objective.against
        return cls(
            **_plain(objective),
            name=objective.name,
            mean=objective.mean,
            std=objective.std,
            weight=objective.weight,
            side=objective.side,
            minus=None if minus is None else MeasureRecord.of_plain(minus),
            over=None if over is None else MeasureRecord.of_plain(over),
            against=None if against is None else AgainstRecord.of(against),
            train=None if objective.train is None else TrainRecord.of(objective.train),
        )

    def value(self, recorded: Mapping[str, VoltageFile]) -> Objective:
        """Return the objective; `recorded` are the voltages that were kept, by digest."""
        first, kept = self.measure(), self.against
        return Objective(
            first.protocol,
            first.location,
            first.feature,
            first.window,
            first.variable,
            first.to,
            None if self.minus is None else self.minus.measure(),
            None if self.over is None else self.over.measure(),
            None if kept is None else Against(recorded[kept.sha256], kept.cut_ms),
            None if self.train is None else self.train.train(),
            self.morphology,
            mean=self.mean,
            std=self.std,
            weight=self.weight,
            side=self.side,
        )


def _plain(measure: Measure) -> dict[str, Any]:
    window = measure.window
    return {
        "protocol": measure.protocol,
        "location": measure.location,
        "recording": measure.recording,
        "feature": measure.feature,
        "window_ms": (window.begin_ms, window.end_ms),
        "threshold_mV": window.threshold_mV,
        "settings": dict(window.settings),
        "to": measure.to,
        "morphology": measure.morphology,
    }


class StimulusRecord(_Table):
    """What a stimulus does, where and when; its amounts, and files as texts, by name."""

    kind: Text
    site: Text
    delay_ms: float
    duration_ms: float
    amounts: dict[str, float | Text]
    words: Text

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: Any) -> Any:
        """Read what an older workbench wrote, which told every stimulus as a step."""
        if not isinstance(given, dict) or "amplitude_nA" not in given:
            return given
        step = dict(given)
        amounts = {n: step.get(n) for n in ("delay_ms", "duration_ms")}
        amounts["amplitude_nA"] = step.pop("amplitude_nA")
        with suppress(KeyError, TypeError, ValueError):  # the fields say what is wrong
            end_ms = step["delay_ms"] + step["duration_ms"]
            step["words"] = (
                f"{amounts['amplitude_nA']:.4g} nA into {step['site']} from "
                f"{step['delay_ms']:.4g} to {end_ms:.4g} ms"
            )
        return {"kind": "step", "amounts": amounts, **step}

    @classmethod
    def of(
        cls,
        stimulus: Stimulus,
        until_ms: float,
        sought: Mapping[str, str] = MappingProxyType({}),
    ) -> Self:
        """Return what is kept of a stimulus whose amounts are numbers.

        `sought` has those that are found on each individual, in words.
        """
        begin_ms, end_ms = stimulus.window_ms(until_ms)
        words = stimulus.words(until_ms)
        if sought:
            told = " and ".join(f"{name} = {one}" for name, one in sought.items())
            at = f"into {stimulus.site} from {begin_ms:g} to {min(end_ms, until_ms):g} ms"
            words = f"{stimulus.kind} {at}, {told}"
        return cls(
            kind=stimulus.kind,
            site=str(stimulus.site),
            delay_ms=begin_ms,
            duration_ms=end_ms - begin_ms,
            amounts={**stimulus.told(), **sought},
            words=words,
        )


class EventsRecord(_Table):
    """What a train of events drives, and when; its amounts by name."""

    kind: Text
    place: Text
    begin_ms: float
    end_ms: float
    amounts: dict[str, float]
    words: Text

    @classmethod
    def of(cls, events: Events) -> Self:
        """Return what is kept of a train whose amounts are numbers."""
        begin_ms, end_ms = events.window_ms()
        return cls(
            kind=events.kind,
            place=events.place,
            begin_ms=begin_ms,
            end_ms=end_ms,
            amounts=events.told(),
            words=events.words(),
        )


class ProtocolRecord(_Table):
    """A protocol: its stimuli and events, and the names of its recordings."""

    name: Text
    duration_ms: float
    stimuli: tuple[StimulusRecord, ...]
    recordings: tuple[Text, ...]
    events: tuple[EventsRecord, ...] = ()
    celsius_degC: float | None = None
    v_init_mV: float | None = None
    """Where these are not the cell's own."""

    @classmethod
    def of(cls, protocol: Protocol) -> Self:
        """Return what is kept of a protocol."""
        bound = protocol.bound()
        return cls(
            name=protocol.name,
            duration_ms=protocol.duration_ms,
            stimuli=tuple(
                StimulusRecord.of(part, protocol.duration_ms, sought)
                for one, sought in protocol.told()
                for part in one.parts()
            ),
            recordings=tuple(recording.name for recording in protocol.recordings),
            events=tuple(map(EventsRecord.of, bound.events)),
            celsius_degC=None if bound.celsius_degC is None else float(bound.celsius_degC),
            v_init_mV=None if bound.v_init_mV is None else float(bound.v_init_mV),
        )


class BlockRecord(_Table):
    """The block check; its protocol is none of those that have targets."""

    name: Text
    protocol: ProtocolRecord
    window_ms: tuple[float, float]
    where_SD: float
    above_mV: float
    below_mV: float
    longest_ms: float
    score: float

    @classmethod
    def of(cls, check: BlockCheck) -> Self:
        """Return what is kept of a block check."""
        return cls(
            name=check.name,
            protocol=ProtocolRecord.of(check.protocol),
            window_ms=(check.begin_ms, check.end_ms),
            where_SD=check.where_SD,
            above_mV=check.above_mV,
            below_mV=check.below_mV,
            longest_ms=check.longest_ms,
            score=check.score,
        )


class RegionRecord(_Table):
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


class CellRecord(_Table):
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


class MechanismRecord(_Table):
    """A set of mechanisms."""

    name: Text
    digest: Text


class ProblemRecord(_Table):
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
    cells: dict[str, CellRecord] = {}
    """By what its morphologies are called, if there are several; `cell` has the first."""
    mechanisms: tuple[MechanismRecord, ...]
    notes: tuple[Text, ...] = ()
    units: dict[str, Text] = {}
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


class CommitRecord(_Table):
    """The commit of the clone that the workbench ran from."""

    commit: Text
    dirty: bool


class SessionRecord(_Table):
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


class RepeatsRecord(_Table):
    """The values of which a target's mean is, and what they are of."""

    values: tuple[float, ...]
    source: tuple[Text, ...] = ()


class RescoredRecord(_Table):
    """The run whose evaluations were scored anew, its problem, and the new targets' file."""

    run: Text
    problem: Text
    targets: Text


class Record(_Table):
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
    facts: dict[str, Any] = {}
    restored: Text | None = None
    rescored: RescoredRecord | None = None
    held_out: ProblemRecord | None = None
    """The targets that the search does not see, with the same cell."""
    repeats: dict[str, RepeatsRecord] = {}
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
