"""Verbs that write for other tools, and read what they wrote."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt
from workbench.cli.verbs.morphology import Kinds

if TYPE_CHECKING:
    from workbench.studies import EngineChoice

exchange = typer.Typer()


@exchange.command()
@opt.takes_engine
def export(
    study: Annotated[
        str,
        typer.Argument(
            metavar="STUDY|RUN", help="A study's name or folder, or a run folder or its name."
        ),
    ],
    format_: Annotated[
        str, typer.Option("--format", help="python, hoc, sonata, arbor or bluepyopt.")
    ] = "python",
    out: Annotated[Path | None, typer.Option(help="A new folder; by default STUDY-FORMAT.")] = None,
    pick: Annotated[
        str | None,
        typer.Option(
            metavar="best|N|GENERATION/INDIVIDUAL",
            help="Of a run, the individual; a number is that of the Pareto archive. Default best.",
        ),
    ] = None,
    params: opt.Params = None,
    morphology: opt.Morphology = None,
    protocol: Annotated[
        list[str] | None, typer.Option(help="A protocol's name; default all.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="The morphology's file, for BluePyOpt to read by itself."),
    ] = None,
    python: Annotated[
        Path | None,
        typer.Option(help="The Python of another environment, in which the export is run."),
    ] = None,
    *,
    engine: "EngineChoice",
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Write a model for another tool, run it there without the workbench, and compare traces."""
    from workbench.cli import exporting

    names = protocol or []
    exporting.export(
        study, format_, out, pick, params, morphology, names, file, python, engine, json
    )


@exchange.command("import")
def import_study(
    tool: Annotated[
        str,
        typer.Argument(
            metavar="TOOL",
            help="Whose model: allen, bluepyemodel, bluepyopt, hoc, neuroml, netpyne, sonata.",
        ),
    ],
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="Its folder or file; of Python, FILE.py:FUNCTION."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="A new folder for the study; by default one in ./optimizations."),
    ] = None,
    morphology: Annotated[
        Path | None, typer.Option(help="The morphology's file, if the model does not tell.")
    ] = None,
    mechanisms: Annotated[
        Path | None, typer.Option(help="The folder of .mod files, if the model does not tell.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="The model's name, where there are several; what a function takes."),
    ] = None,
    node: Annotated[
        str | None,
        typer.Option(metavar="POPULATION:ID", help="The node of a network, or ID alone."),
    ] = None,
    kind: Kinds = None,
    trust_hoc: Annotated[
        bool, typer.Option("--trust-hoc", help="Let a .hoc file run, which is a program.")
    ] = False,
    trust_python: Annotated[
        bool, typer.Option("--trust-python", help="Let a .py file run, which is a program.")
    ] = False,
) -> None:
    """Write another tool's model as a study that runs; its README says what could not be said."""
    from workbench.cli import importing

    importing.import_study(
        tool,
        path,
        kind or [],
        out,
        morphology=morphology,
        mechanisms=mechanisms,
        model=model,
        node=node,
        trust_hoc=trust_hoc,
        trust_python=trust_python,
    )


@exchange.command("import-checkpoint")
def import_checkpoint(
    checkpoint: Annotated[Path, typer.Argument(metavar="CP.pkl", help="BluePyOpt's checkpoint.")],
    out: Annotated[Path | None, typer.Option(help="Write to FILE.csv or FILE.parquet.")] = None,
) -> None:
    """Read parameters and scores from a BluePyOpt checkpoint, without running what it says."""
    from workbench.cli import importing

    importing.import_checkpoint(checkpoint, out)
