"""Verbs of fits: begin one, go on with it, read it, give it to a cluster, and torture it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt

if TYPE_CHECKING:
    from workbench.studies import EngineChoice

fits = typer.Typer()


@fits.command()
@opt.takes_engine
def fit(
    study: opt.StudyName,
    algorithm: opt.Algorithm = None,
    population: Annotated[int | None, typer.Option(help="Individuals a generation.")] = None,
    generations: Annotated[int | None, typer.Option(help="Generations.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same run.")] = None,
    seeds: Annotated[
        int | None, typer.Option(help="How many searches in this fit, each with the next seed.")
    ] = None,
    racing: Annotated[
        bool | None,
        typer.Option(
            "--racing/--no-racing",
            help="On several morphologies: whoever cannot survive is not run on the rest.",
            show_default=False,
        ),
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="RUN",
            help="Begin with the best individuals of another run; with RUN:last, those of its last "
            "generation; with RUN:3 or RUN:12/7, one.",
        ),
    ] = None,
    workers: opt.Workers = None,
    walltime: opt.Walltime = None,
    out: Annotated[Path | None, typer.Option(help="The run folder; default in ./runs.")] = None,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Fit a study, with workers here or `mpirun -n N workbench fit`. Kill it: `resume` goes on."""
    from workbench.cli import fitting

    plan = {
        "algorithm": algorithm,
        "population": population,
        "generations": generations,
        "seed": seed,
        "seeds": seeds,
        "racing": racing,
    }
    fitting.fit(study, plan, from_, workers, walltime, out, engine, json)


@fits.command("fit-evaluator")
def fit_evaluator(
    evaluator: Annotated[
        str,
        typer.Argument(
            metavar="MODULE:FUNCTION",
            help="Or FILE.py:FUNCTION, which returns an evaluator of BluePyOpt's. It is run.",
        ),
    ],
    algorithm: opt.Algorithm = None,
    population: Annotated[int | None, typer.Option(help="Individuals a generation.")] = None,
    generations: Annotated[int | None, typer.Option(help="Generations.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same run.")] = None,
    options: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="NAME=VALUE", help="One of the search's."),
    ] = None,
    max_score: Annotated[
        float, typer.Option(help="Where it gives no number, or ends its workers.")
    ] = 250.0,
    limit_s: Annotated[
        float, typer.Option(metavar="S", help="A worker that takes longer is taken for hung.")
    ] = 1800.0,
    workers: opt.Workers = None,
    walltime: opt.Walltime = None,
    out: Annotated[Path | None, typer.Option(help="The run folder; default in ./runs.")] = None,
    json: opt.Json = False,
) -> None:
    """Fit an evaluator of BluePyOpt's, in Python. Kill it: `resume` goes on."""
    from workbench.cli import fitting
    from workbench.studies import evaluator_plan

    given = opt.pairs(options or [], "--option")
    plan = evaluator_plan(algorithm, population, generations, seed, given)
    fitting.fit_evaluator(evaluator, plan, max_score, limit_s, workers, walltime, out, json)


@fits.command()
def resume(
    run: opt.RunFolder,
    generations: Annotated[
        int | None,
        typer.Option(help="How many in all; default as many as were asked for last."),
    ] = None,
    workers: opt.Workers = None,
    walltime: opt.Walltime = None,
    study: opt.Moved = None,
    accept_changes: opt.AcceptChanges = False,
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Go on with a run that was stopped or killed, or is to have more generations."""
    from workbench.cli import fitting

    fitting.resume(run, generations, study, workers, walltime, accept_changes, json)


@fits.command()
def rescore(
    run: opt.RunFolder,
    targets: Annotated[
        Path | None, typer.Option(metavar="FILE", help="In place of the study's targets.toml.")
    ] = None,
    study: opt.Moved = None,
    out: Annotated[Path | None, typer.Option(help="The new run folder; default in ./runs.")] = None,
    json: opt.Json = False,
) -> None:
    """Score the evaluations of a run by other targets, in a new run folder, without simulating."""
    from workbench.cli import fitting

    fitting.rescore(run, targets, study, out, json)


@fits.command()
@opt.takes_engine
def validate(
    run: opt.RunFolder,
    study: Annotated[
        str | None,
        typer.Option(help="Another study with the same free parameters: its protocols, targets."),
    ] = None,
    targets: Annotated[
        Path | None, typer.Option(metavar="FILE", help="In place of the study's targets.toml.")
    ] = None,
    morphology: Annotated[
        str | None,
        typer.Option(metavar="FILE|NAME", help="In place of the study's morphology."),
    ] = None,
    pick: opt.Pick = None,
    archive: Annotated[
        bool, typer.Option("--archive", help="All of the run's Pareto archive, too.")
    ] = False,
    workers: opt.Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write a row a target, with --archive an individual, to FILE.csv or .parquet."
        ),
    ] = None,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Score a run on what its search has not seen: held out, or another study, targets, shape."""
    from workbench.cli import validating

    validating.validate(run, study, targets, morphology, pick, archive, workers, out, engine, json)


@fits.command()
def report(
    run: opt.RunFolder,
    pick: Annotated[
        str | None,
        typer.Option(
            metavar="N|G/I",
            help="Of another individual than the best, in a file of its own: the N-th of the "
            "Pareto archive, or individual I of generation G.",
        ),
    ] = None,
    traces: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Simulate N compromises that stand for all, so that the page shows their traces.",
        ),
    ] = None,
) -> None:
    """Write the run's report, one HTML file, and say where it is."""
    from workbench.cli import fitting

    fitting.report(run, pick, traces)


@fits.command()
def limits(run: opt.RunFolder, json: opt.Json = False) -> None:
    """Say what limits what in a run: features that compete, parameters that go together, models."""
    from workbench.cli import explaining

    explaining.limits(run, json)


@fits.command()
@opt.takes_engine
def sensitivity(
    study: opt.RunOrStudy,
    pick: opt.Pick = None,
    params: opt.Params = None,
    step: Annotated[
        float, typer.Option(help="How far each parameter is moved, as a share of its bounds.")
    ] = 0.01,
    workers: opt.Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a row a feature and parameter to FILE.csv or .parquet."),
    ] = None,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Move each parameter a little and say how far each feature moves, in SD."""
    from workbench.cli import explaining

    explaining.sensitivity(study, pick, params, step, workers, out, engine, json)


@fits.command()
@opt.takes_engine
def currents(
    study: opt.RunOrStudy,
    protocol: Annotated[str, typer.Option(help="A protocol's name.")],
    pick: opt.Pick = None,
    params: opt.Params = None,
    morphology: opt.Morphology = None,
    site: Annotated[str, typer.Option(help="Where, such as apical@620um.")] = "soma(0.5)",
    window: Annotated[
        str | None,
        typer.Option(metavar="BEGIN,END", help="Of the figure, in ms; default all and a spike."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a figure, .svg, .png or .pdf, or a row a time, .csv or .parquet."),
    ] = None,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Say which currents make each spike rise and fall, at a site; draw them over time."""
    from workbench.cli import explaining

    asked = explaining.Asked(study, pick, params, protocol, site, morphology)
    explaining.currents(asked, window, out, engine, json)


@fits.command()
def runs(
    folder: Annotated[Path, typer.Argument(help="Where to look.")] = Path("runs"),
    json: opt.Json = False,
) -> None:
    """List the runs below a folder."""
    from workbench.cli import ledgers

    ledgers.list_runs(folder, json)


@fits.command()
def ledger(
    run: opt.RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="Write all evaluations to FILE.csv or FILE.parquet.")
    ] = None,
    attempts: Annotated[bool, typer.Option(help="Attempts instead of evaluations.")] = False,
    generations: Annotated[
        bool,
        typer.Option("--generations", help="Generations: sums, and the scores of the best so far."),
    ] = False,
    archive: Annotated[
        bool, typer.Option("--archive", help="The Pareto archive alone, the smallest sum first.")
    ] = False,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="protocols|features",
            help="With --archive: what individuals are compared in; default protocols.",
        ),
    ] = None,
    salvage: Annotated[
        Path | None,
        typer.Option(metavar="NEW", help="Copy what is sound in a damaged run to a new folder."),
    ] = None,
    json: opt.Json = False,
) -> None:
    """Show the evaluations of a run, write them to a file, or rescue a damaged run."""
    from workbench.cli import ledgers

    if salvage is not None:
        ledgers.salvage(run, salvage, json)
    else:
        ledgers.show(run, out, ledgers.Shown(attempts, generations, archive, by), json)


@fits.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def submit(
    context: typer.Context,
    study: opt.StudyName,
    ranks: Annotated[int, typer.Option(help="MPI ranks of a fit; 1 needs no MPI.")],
    time: Annotated[str, typer.Option(metavar="HH:MM:SS", help="Time of a job; then the next.")],
    seeds: Annotated[
        str | None, typer.Option(metavar="1-5", help="A fit for each; default the study's own.")
    ] = None,
    scheduler: Annotated[str, typer.Option(help="slurm, pbs or sge.")] = "slurm",
    launch: Annotated[
        str | None, typer.Option(help="What starts ranks: 'srun --mpi=pmix'.", show_default=False)
    ] = None,
    directive: Annotated[
        list[str] | None, typer.Option(help="An option of the scheduler: --partition=long.")
    ] = None,
    scratch: Annotated[Path | None, typer.Option(help="A node's own folder for TMPDIR.")] = None,
    out: Annotated[Path | None, typer.Option(help="The job's folder; default in ./runs.")] = None,
    go: Annotated[bool, typer.Option("--go", help="Submit it, too.")] = False,
    json: opt.Json = False,
) -> None:
    """Write a batch job that fits STUDY, requeued until done; other options are those of `fit`."""
    from workbench.cli import submitting

    request = submitting.Request(study, ranks, time, seeds, launch, directive or [], scratch, out)
    fit_options = submitting.FitOptions.read(context, study)
    submitting.submit(request, fit_options, scheduler, go, json)


@fits.command("bench-search")
@opt.takes_engine
def bench_search(
    study: opt.StudyName,
    searches: Annotated[
        str | None,
        typer.Option(
            metavar="A,B:20",
            help="Which, each with a population where it is not the study's; default all.",
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(help="Runs of each search: seeds 1, 2, ...")] = 5,
    evaluations: Annotated[int, typer.Option(help="Of each run.")] = 800,
    workers: opt.Workers = None,
    walltime: opt.Walltime = None,
    out: Annotated[Path | None, typer.Option(help="The folder; default in ./runs.")] = None,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Compare searches on STUDY at equal evaluations. Kill it: with the same --out it goes on."""
    from workbench.cli import racing

    racing.bench_search(study, searches, seeds, evaluations, workers, walltime, out, engine, json)


@fits.command()
def torture(
    study: opt.StudyName,
    worker_kills: Annotated[int, typer.Option(help="Sudden ends of workers at work.")] = 20,
    job_kills: Annotated[int, typer.Option(help="SIGKILLs of the whole job.")] = 10,
    hangs: Annotated[float, typer.Option(help="Share of the evaluations that hang once.")] = 0.05,
    segfaults: Annotated[float, typer.Option(help="Share that crash their worker once.")] = 0.01,
    nan: Annotated[float, typer.Option(help="Share with a NaN conductance, in both runs.")] = 0.05,
    population: Annotated[int | None, typer.Option(help="Individuals a generation.")] = None,
    generations: Annotated[int, typer.Option(help="Generations.")] = 10,
    seed: Annotated[int | None, typer.Option(help="Same seed, same run.")] = None,
    workers: opt.Workers = None,
    out: Annotated[Path | None, typer.Option(help="A new folder; default in ./runs.")] = None,
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Run a small fit in peace and under fire, and compare; exit code 1 if they differ."""
    from workbench.cli import torturing
    from workbench.torture import Ordeal

    ordeal = Ordeal(worker_kills, job_kills, hangs, segfaults, nan)
    given = {"population": population, "generations": generations, "seed": seed}
    torturing.run(study, ordeal, given, workers, out, json)
