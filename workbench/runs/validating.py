"""A run on other protocols, other recordings' targets, another morphology: what it is good for."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from workbench.engines import Integrator
from workbench.errors import AllFailed, InputError
from workbench.evaluations import Ledger, Row
from workbench.evaluations.counting import PartDone
from workbench.runs.facts import record_told_by, study_of
from workbench.runs.folder import quoted
from workbench.runs.held_out import UNDER, best_and_archive, read_held_out, score_held_out
from workbench.runs.individuals import picked
from workbench.runs.validation import Validation, aimed, validated
from workbench.studies import Study, load_study
from workbench.studies.cell_tables import SegmentsTable
from workbench.studies.cells import segments_from
from workbench.workers.task import Workers


def study_under(
    folder: Path,
    *,
    study: str | Path | None = None,
    targets: Path | None = None,
    morphology: str | Path | None = None,
) -> tuple[Study, str]:
    """Return what a run is to be validated on, and what of it is other than in the fit, in words.

    Parameters
    ----------
    study
        Name or folder of a study with the same free parameters; by default the run's own, as it was
        when the run began. Where it does not say how it is simulated, it is as the run was.
    targets
        A file in place of the study's targets.toml, of protocols of the study.
    morphology
        A file, or a name of the catalogue, in place of the study's morphology.

    Raises
    ------
    InputError
        If nothing is given and the run's study holds out no target, or something is wrong with
        what is given.
    LedgerError
        If the run cannot be read, or its own study is asked for and has changed.
    """
    asked, words = _study(folder, study)
    if morphology is not None:
        asked = _shaped(asked, morphology)
        words.append(f"morphology {asked.problem.recipe.morphology.name}")
    if targets is not None:
        asked = asked.with_targets(targets)
        words.append(f"targets {targets.name}")
    if not words and not asked.held_out:
        raise InputError(
            f"the study of {folder} holds out no target, so there is nothing that its search has "
            f"not seen: `workbench validate {quoted(folder)}` with --study, --targets or "
            "--morphology, or mark targets with held_out = true before the fit"
        )
    if words and not asked.asking_all().objectives:
        asked.check_targets()
    return asked, "on " + " and ".join(words) if words else UNDER


def validate_run(
    folder: Path,
    study: Study,
    under: str,
    workers: Workers,
    *,
    pick: str | int | None = None,
    archive: bool = False,
    show: Callable[[PartDone], None] | None = None,
) -> Validation:
    """Return what individuals of a run score on what `study_under` returned.

    What is held out is scored for the best and the whole archive, and kept in the run folder, for
    the report.

    Parameters
    ----------
    pick
        An individual in the place of the best, as `picked` takes it.
    archive
        Whether all of the run's Pareto archive follows it.
    show
        Told how far it is.

    Raises
    ------
    InputError
        If the run holds no such individual, or it failed; or the study has other free parameters.
    LedgerError
        If the run cannot be read.
    AllFailed
        If no individual of the run could be simulated.
    """
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        names = [one.name for one in record_told_by(ledger, folder).problem.parameters]
        known = best_and_archive(ledger, folder)
        if not known:
            raise AllFailed(f"{folder}: no individual could be simulated; see its report")
        first = known[0] if pick is None else _numbered(picked(ledger, folder, pick), known)
        if under == UNDER and pick is None:
            score_held_out(study, folder, ledger, workers, show)
            kept = read_held_out(folder)
            assert kept is not None, "it was just written"
            return kept if archive else replace(kept, individuals=kept.individuals[:1])
    asked = [first]
    if archive:
        asked += [one for one in known if _key(one[1]) != _key(first[1])]
    problem = study.held_out_problem if under == UNDER else study.asking_all()
    assert problem is not None, "study_under has seen to it"
    return Validation(
        folder.absolute().name,
        under,
        problem.digest,
        problem.integration,
        aimed(problem, study.repeats),
        tuple(validated(asked, names, problem, study.repeats, workers, show)),
    )


def _study(folder: Path, study: str | Path | None) -> tuple[Study, list[str]]:
    if study is None:
        return study_of(folder)[0], []
    other = load_study(study)
    if not other.says_how:
        with Ledger.open(folder / "ledger.sqlite") as ledger:
            facts = ledger.facts()
        if "integrator" in facts:
            other = other.with_integrator(Integrator(**facts["integrator"]))
            other = other.with_segments(segments_from(SegmentsTable(**facts["segments"])))
    return other, [f"study {other.name}"]


def _shaped(study: Study, morphology: str | Path) -> Study:
    """Return the study with another morphology, simulated as it was to be."""
    own = study.problem
    shaped = load_study(study.folder, shape=morphology)
    shaped = shaped.with_integrator(own.integrator, own.own_integrators)
    shaped = shaped.with_segments(own.recipe.segments).with_celsius(own.recipe.celsius_degC)
    return replace(shaped, says_how=study.says_how)


def _numbered(row: Row, known: Sequence[tuple[int, Row]]) -> tuple[int, Row]:
    """Return an individual with its number in the archive, 0 if it is not there."""
    return next((n for n, one in known if _key(one) == _key(row)), 0), row


def _key(row: Row) -> tuple[int, int]:
    return row.generation, row.individual
