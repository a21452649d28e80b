"""Verbs that simulate a study with given parameters: what it does, scores, costs, reproduces."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt

if TYPE_CHECKING:
    from workbench.studies import EngineChoice

simulations = typer.Typer()


@simulations.command()
@opt.takes_engine
def simulate(
    study: opt.StudyName,
    params: opt.Params = None,
    set_: opt.Set = None,
    morphology: opt.Morphology = None,
    protocol: Annotated[
        list[str] | None, typer.Option(help="A protocol's name; default all.")
    ] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="KEY=VALUE", help="A parameter of the protocol."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write the traces to FILE.csv or FILE.npz; voltages as sweeps to FILE.nwb."
        ),
    ] = None,
    sweeps: Annotated[
        int | None, typer.Option(help="With .nwb: of each voltage; default 1.", show_default=False)
    ] = None,
    noise: Annotated[
        float | None,
        typer.Option(
            metavar="MV", help="With .nwb: its SD in each sweep; default 0.", show_default=False
        ),
    ] = None,
    sampling: Annotated[
        float | None,
        typer.Option(metavar="KHZ", help="With .nwb; default 20.", show_default=False),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="With .nwb: of the noise; default 1.", show_default=False)
    ] = None,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Simulate a study's cell and summarise or write its traces."""
    from workbench.cli import simulating

    asked = simulating.Asked(study, params, set_ or [], morphology)
    written = {"sweeps": sweeps, "noise_mV": noise, "sampling_kHz": sampling, "seed": seed}
    simulating.simulate(asked, protocol or [], with_ or [], out, written, engine, json)


@simulations.command()
def placements(
    study: opt.StudyName,
    morphology: opt.Morphology = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a row a point to this .csv or .parquet file.")
    ] = None,
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Say where each placed point process of a study's cell stands."""
    from workbench.cli import placing

    placing.placements(study, morphology, out, json)


@simulations.command()
def experiment(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE.toml", help="One that ships, or cells, factors and measures."
        ),
    ],
    workers: opt.Workers = None,
    walltime: opt.Walltime = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The run folder; default a new one in ./runs. One that was begun goes on."
        ),
    ] = None,
    trust_python: opt.TrustPython = False,
    converged: Annotated[
        bool,
        typer.Option(help="Refine segments and steps of a few rows, and say what moves how far."),
    ] = False,
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Simulate all combinations of factors, with workers or MPI ranks; a table of features."""
    from workbench.cli import experimenting

    experimenting.experiment(name, workers, walltime, out, trust_python, converged, json)


@simulations.command()
@opt.takes_engine
def score(
    study: opt.StudyName,
    params: opt.Params = None,
    set_: opt.Set = None,
    morphology: opt.Morphology = None,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Score a parameter set: each feature's distance from its target in SD."""
    from workbench.cli import simulating

    simulating.score(simulating.Asked(study, params, set_ or [], morphology), engine, json)


@simulations.command()
def electrotonic(
    study: opt.StudyName,
    params: opt.Params = None,
    set_: opt.Set = None,
    morphology: opt.Morphology = None,
    at: Annotated[
        list[str] | None,
        typer.Option(metavar="SITE", help="soma(0.5), apical@620um; several for each pair."),
    ] = None,
    gates: Annotated[
        str,
        typer.Option(
            help="frozen at rest, following in currents that do not change, initial as a run "
            "begins, or passive: none but pas."
        ),
    ] = "frozen",
    frequency: Annotated[float, typer.Option(metavar="HZ", help="Of the current.")] = 0.0,
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Say what a cell at rest is as a cable: impedances, attenuations, time constants."""
    from workbench.cli import cables

    sites = at or ["soma(0.5)"]
    cables.electrotonic(study, params, set_ or [], morphology, sites, gates, frequency, json)


@simulations.command()
@opt.takes_engine
def reproduce(
    studies: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Studies and experiments; default all that ship."),
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
    trust_python: opt.TrustPython = False,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Compare with published numbers; exit code 1 if one is missed, 3 if the engine refuses one."""
    from workbench.cli import reproducing

    reproducing.run(studies or [], opt.count(workers), converged, out, json, trust_python, engine)


@simulations.command()
def calibrate(
    study: opt.StudyName,
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
    json: opt.Json = False,
) -> None:
    """Measure what accuracy costs on a study's own individuals; --engine auto uses the choice."""
    from workbench.cli import calibrating

    calibrating.run(study, budget, each, seed, keep_segments, opt.count(workers), out, json)
