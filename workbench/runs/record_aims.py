"""What provenance.json says of targets, and of what is measured for them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal, Self

from workbench.evaluations import Measure
from workbench.features import Against, Train, Window
from workbench.fitting import Objective
from workbench.protocols import VoltageFile
from workbench.runs.record_table import Table, Text


class MeasureRecord(Table):
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


class AgainstRecord(Table):
    """A recorded voltage, whose samples are kept under their digest, and what is cut out of it."""

    file: Text
    sha256: Text
    cut_ms: tuple[float, float] | None

    @classmethod
    def of(cls, against: Against) -> Self:
        """Return what is kept of it."""
        recorded = against.recorded
        return cls(file=recorded.name, sha256=recorded.digest, cut_ms=against.cut_ms)


class TrainRecord(Table):
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
