"""What a run folder says of its fit, read once. Nothing here knows how it will be shown."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workbench.arrays import Floats
from workbench.errors import AllFailed
from workbench.evaluations import Ledger, Row
from workbench.fitting import Objective, Parameter, Posed, ScoreRule, best_rows
from workbench.runs.facts import record_told_by
from workbench.runs.individuals import picked
from workbench.runs.morphologies import Race, sums_SD
from workbench.runs.pace import Pace, pace_of
from workbench.runs.record import Record
from workbench.runs.recordings import kept_recordings
from workbench.runs.stages import StageSummary, stages_of
from workbench.runs.tally import FailureCount, Generation, Tally
from workbench.runs.verifying import Verified, verified

ELITE = 10


@dataclass(frozen=True)
class RunSummary:
    """A fit as its run folder tells it.

    Attributes
    ----------
    record
        What provenance.json holds.
    generations
        Those with at least one evaluation, in order.
    elite
        The best individuals (lowest sum of scores, ties by key) that did not fail, each
        parameter set once, at most ten.
    closest_SD
        By objective, how near any individual came to the target, (k,); NaN if no individual
        ever had a value.
    verified
        The best individual computed without approximation, if that was done.
    stages
        Of a fit in stages; `elite` and the best are of the last one begun.
    race
        What racing saved; None of a run whose individuals did not race.
    picked
        Whether `best` was picked: then it is the individual that was asked for, and `elite` has it
        first.
    """

    folder: Path
    record: Record
    parameters: tuple[Parameter, ...]
    objectives: tuple[Objective, ...]
    rule: ScoreRule
    told: int
    generations: tuple[Generation, ...]
    elite: tuple[Row, ...]
    closest_SD: Floats
    failures: tuple[FailureCount, ...]
    pace: Pace
    verified: Verified | None = None
    stages: tuple[StageSummary, ...] = ()
    picked: bool = False
    race: Race | None = None

    def __repr__(self) -> str:
        best = "none" if self.best_sum is None else f"{self.best_sum:.2f} SD"
        return (
            f"<RunSummary {self.folder}: {self.told} of {self.planned} generations, "
            f"{self.evaluated} evaluations, {self.failed} failed; best sum {best}>"
        )

    @property
    def best(self) -> Row | None:
        """The best individual, or None if every one failed or none was evaluated."""
        return self.elite[0] if self.elite else None

    @property
    def best_sum(self) -> float | None:
        """The sum of scores of the best individual."""
        return None if self.best is None else float(self.best.scores.sum())

    @property
    def best_sums(self) -> dict[str, float]:
        """The sums of the best individual's scores by morphology, if there are several."""
        return {} if self.best is None else sums_SD(self.objectives, self.rule, self.best)

    def best_values(self) -> dict[str, float]:
        """Return the parameters of the best individual by name.

        Raises
        ------
        AllFailed
            If no individual could be simulated.
        """
        if self.best is None:
            raise AllFailed(f"{self.folder}: no individual could be simulated; see its report")
        names = [parameter.name for parameter in self.parameters]
        return dict(zip(names, self.best.parameters.tolist(), strict=True))

    @cached_property
    def evaluated(self) -> int:
        """How many individuals were evaluated."""
        return sum(generation.evaluated for generation in self.generations)

    @cached_property
    def failed(self) -> int:
        """How many of them failed."""
        return sum(generation.failed for generation in self.generations)

    @property
    def planned(self) -> int:
        """How many generations the run was to have."""
        return self.record.search.generations

    @property
    def finished(self) -> bool:
        """Whether the search was told its last generation."""
        return self.told >= self.planned


def read_run(folder: str | Path, pick: str | int | None = None) -> RunSummary:
    """Read a run folder; the run may be unfinished or still going on.

    Parameters
    ----------
    pick
        An individual to put in the place of the best, as `picked` takes it.

    Raises
    ------
    InputError
        If the run holds no such individual, or it failed.
    LedgerError
        If there is no run in the folder, or what is there is damaged.
    """
    folder = Path(folder)
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        record = record_told_by(ledger, folder)
        recorded = kept_recordings(folder, record.problem)
        objectives = tuple(one.value(recorded) for one in record.problem.objectives)
        tally = Tally(objectives, ledger.competing)
        elite = best_rows(tally.competitors(ledger.rows(), ledger.begun), ELITE)
        posed = Posed(objectives, record.problem.rule)
        stages = stages_of(ledger, record.search, record.problem.parameters, posed)
        if pick is not None:
            elite = _with_first(picked(ledger, folder, pick), elite)
        told = len(ledger.told_at())
        pace = pace_of(ledger.attempts(), record.sessions)
    return RunSummary(
        folder=folder,
        record=record,
        parameters=record.problem.parameters,
        objectives=objectives,
        rule=record.problem.rule,
        told=told,
        generations=tally.generations(),
        elite=tuple(elite),
        closest_SD=tally.closest_SD(),
        failures=tally.failures(),
        pace=pace,
        verified=verified(folder, elite[0] if elite else None),
        stages=stages,
        picked=pick is not None,
        race=tally.race() if record.search.racing else None,
    )


def _with_first(row: Row, elite: list[Row]) -> list[Row]:
    others = [one for one in elite if one.parameters.tobytes() != row.parameters.tobytes()]
    return [row, *others][:ELITE]
