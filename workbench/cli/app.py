"""The verbs. Each imports what it needs when it is called, so that --help is quick."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt
from workbench.cli.morphologies import morphology

if TYPE_CHECKING:
    from workbench.studies import EngineChoice

app = typer.Typer(
    name="workbench",
    help="Morphologies, ion channels and evolutionary fitting of neuron models on NEURON.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
mechanisms = typer.Typer(help="Ion channels: .mod files and their builds.", no_args_is_help=True)
app.add_typer(mechanisms, name="mechanisms")
app.add_typer(morphology, name="morphology")

StudyName = Annotated[str, typer.Argument(metavar="STUDY", help="A study's name or folder.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Params = Annotated[
    str | None,
    typer.Option(help="A named parameter set of the study, a JSON file, or a RUN for its best."),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="One parameter, such as g_pas.all=1e-4."),
]


@app.command()
def doctor(json: Json = False) -> None:
    """Say what is installed, compiled and missing, and how to mend it."""
    from workbench.cli import checkup

    checkup.doctor(json)


@mechanisms.command("list")
def list_mechanisms(
    folder: Annotated[str | None, typer.Argument(help="A set's name or a folder.")] = None,
    json: Json = False,
) -> None:
    """List the mechanisms of a set or folder, or the sets that ship."""
    from workbench.cli import catalogues

    catalogues.list_mechanisms(folder, json)


@mechanisms.command("build")
def build_mechanisms(
    folders: Annotated[list[str] | None, typer.Argument(help="Sets or folders.")] = None,
    coreneuron: Annotated[bool, typer.Option(help="Compile for CoreNEURON too.")] = False,
    flags: Annotated[str, typer.Option(help="Compiler flags in place of the default.")] = "",
    trust_mechanisms: Annotated[
        bool,
        typer.Option(
            "--trust-mechanisms", help="Let code beyond NMODL in these files be compiled."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Compile mechanisms into the cache; what is there already is reused."""
    from workbench.cli import catalogues

    catalogues.build_mechanisms(folders or [], coreneuron, flags, trust_mechanisms, json)


@mechanisms.command("lint")
def lint_mechanisms(
    folder: Annotated[str, typer.Argument(help="A set's name or a folder.")],
    json: Json = False,
) -> None:
    """Say what in .mod files breaks in CoreNEURON, threads, CVODE or NEURON 9, line by line."""
    from workbench.cli import catalogues

    catalogues.lint_mechanisms(folder, json)


@mechanisms.command("plot")
def plot_mechanism(
    name: Annotated[str, typer.Argument(help="A mechanism's suffix.")],
    folder: Annotated[
        str | None, typer.Option(help="Its set or folder; default: the sets that ship.")
    ] = None,
    celsius: Annotated[float, typer.Option(metavar="C", help="Temperature.")] = 34.0,
    set_: Set = None,
    out: Annotated[
        Path | None, typer.Option(help="The figure, .png, .svg or .pdf; default NAME.png.")
    ] = None,
) -> None:
    """Draw a mechanism's steady states, time constants and currents under voltage clamp."""
    from workbench.cli import catalogues

    catalogues.plot_mechanism(name, folder, celsius, set_ or [], out or Path(f"{name}.png"))


@app.command()
@opt.takes_engine
def simulate(
    study: StudyName,
    params: Params = None,
    set_: Set = None,
    protocol: Annotated[
        list[str] | None, typer.Option(help="A protocol's name; default all.")
    ] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="KEY=VALUE", help="A parameter of the protocol."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the traces to FILE.csv or FILE.npz.")
    ] = None,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
    json: Json = False,
) -> None:
    """Simulate a study's cell and summarise or write its traces."""
    from workbench.cli import simulating

    simulating.simulate(study, params, set_ or [], protocol or [], with_ or [], out, engine, json)


@app.command()
@opt.takes_engine
def score(
    study: StudyName,
    params: Params = None,
    set_: Set = None,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
    json: Json = False,
) -> None:
    """Score a parameter set: each feature's distance from its target in SD."""
    from workbench.cli import simulating

    simulating.score(study, params, set_ or [], engine, json)


@app.command()
@opt.takes_engine
def fit(
    study: StudyName,
    algorithm: opt.Algorithm = None,
    population: Annotated[int | None, typer.Option(help="Individuals a generation.")] = None,
    generations: Annotated[int | None, typer.Option(help="Generations.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same run.")] = None,
    workers: opt.Workers = None,
    walltime: opt.Walltime = None,
    out: Annotated[Path | None, typer.Option(help="The run folder; default in ./runs.")] = None,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
    json: Json = False,
) -> None:
    """Fit a study, with workers here or `mpirun -n N workbench fit`. Kill it: `resume` goes on."""
    from workbench.cli import fitting

    plan = {
        "algorithm": algorithm,
        "population": population,
        "generations": generations,
        "seed": seed,
    }
    fitting.fit(study, plan, workers, walltime, out, engine, json)


@app.command()
def resume(
    run: RunFolder,
    workers: opt.Workers = None,
    walltime: opt.Walltime = None,
    study: opt.Moved = None,
    accept_changes: opt.AcceptChanges = False,
    yes: opt.Yes = False,
    json: Json = False,
) -> None:
    """Go on with a run that was stopped or killed, with any number of workers or MPI ranks."""
    from workbench.cli import fitting

    fitting.resume(run, study, workers, walltime, accept_changes, json)


@app.command()
def report(run: RunFolder) -> None:
    """Write the run's report, one HTML file, and say where it is."""
    from workbench.cli import fitting

    fitting.report(run)


@app.command()
def reproduce(
    studies: Annotated[
        list[str] | None, typer.Argument(metavar="[STUDY]...", help="Default: all that ship.")
    ] = None,
    converged: Annotated[
        bool, typer.Option(help="Say whether each number survives other tolerances of CVODE, too.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write the page to FILE.html; default a new one in ./runs, none with --json."
        ),
    ] = None,
    workers: opt.Workers = None,
    yes: opt.Yes = False,
    json: Json = False,
) -> None:
    """Compare each study with the published numbers; exit code 1 if one is missed."""
    from workbench.cli import reproducing

    reproducing.run(studies or [], opt.count(workers), converged, out, json)


@app.command()
def calibrate(
    study: StudyName,
    budget: Annotated[
        float, typer.Option(metavar="SD", help="Allowed error of 95 % of all feature values.")
    ] = 0.25,
    each: Annotated[
        int | None,
        typer.Option(
            help="Individuals of each kind, and at least that do what the targets ask; default 3, "
            "more where there are few features.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws the individuals.")] = 1,
    keep_segments: Annotated[
        bool, typer.Option("--keep-segments", help="The study's segments are the model.")
    ] = False,
    workers: opt.Workers = None,
    out: Annotated[
        Path | None, typer.Option(help="A file; default calibration.toml in the study's folder.")
    ] = None,
    yes: opt.Yes = False,
    json: Json = False,
) -> None:
    """Measure what accuracy costs on a study's own individuals; --engine auto uses the choice."""
    from workbench.cli import calibrating

    calibrating.run(study, budget, each, seed, keep_segments, opt.count(workers), out, json)


@app.command()
@opt.takes_engine
def export(
    study: StudyName,
    out: Annotated[Path, typer.Argument(help="A new folder.")],
    to: Annotated[str, typer.Option(help="The tool: bluepyopt.")] = "bluepyopt",
    file: Annotated[
        Path | None,
        typer.Option(help="The morphology's file, for the tool to read by itself."),
    ] = None,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
) -> None:
    """Write a study as a folder that another tool runs without the workbench."""
    from workbench.cli import exporting

    exporting.export(study, to, out, file, engine)


@app.command()
def runs(
    folder: Annotated[Path, typer.Argument(help="Where to look.")] = Path("runs"),
    json: Json = False,
) -> None:
    """List the runs below a folder."""
    from workbench.cli import ledgers

    ledgers.list_runs(folder, json)


@app.command()
def ledger(
    run: RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="Write all evaluations to FILE.csv or FILE.parquet.")
    ] = None,
    attempts: Annotated[bool, typer.Option(help="Attempts instead of evaluations.")] = False,
    salvage: Annotated[
        Path | None,
        typer.Option(metavar="NEW", help="Copy what is sound in a damaged run to a new folder."),
    ] = None,
    json: Json = False,
) -> None:
    """Show the evaluations of a run, write them to a file, or rescue a damaged run."""
    from workbench.cli import ledgers

    if salvage is not None:
        ledgers.salvage(run, salvage, json)
    else:
        ledgers.show(run, out, attempts, json)


@app.command("import-checkpoint")
def import_checkpoint(
    checkpoint: Annotated[Path, typer.Argument(metavar="CP.pkl", help="BluePyOpt's checkpoint.")],
    out: Annotated[Path | None, typer.Option(help="Write to FILE.csv or FILE.parquet.")] = None,
) -> None:
    """Read parameters and scores from a BluePyOpt checkpoint, without running what it says."""
    from workbench.cli import importing

    importing.import_checkpoint(checkpoint, out)


@app.command()
def torture(
    study: StudyName,
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
    json: Json = False,
) -> None:
    """Run a small fit in peace and under fire, and compare; exit code 1 if they differ."""
    from workbench.cli import torturing
    from workbench.torture import Ordeal

    ordeal = Ordeal(worker_kills, job_kills, hangs, segfaults, nan)
    given = {"population": population, "generations": generations, "seed": seed}
    torturing.run(study, ordeal, given, workers, out, json)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def submit(
    context: typer.Context,
    study: StudyName,
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
    json: Json = False,
) -> None:
    """Write a batch job that fits STUDY, requeued until done; other options are those of `fit`."""
    from workbench.cli import submitting

    request = submitting.Request(study, ranks, time, seeds, launch, directive or [], scratch, out)
    fit_options = submitting.FitOptions.read(context, study)
    submitting.submit(request, fit_options, scheduler, go, json)
