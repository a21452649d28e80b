"""The verbs below `morphology`."""

from typing import Annotated

import typer

from workbench.cli import options as opt

morphology = typer.Typer(help="Reconstructed and generated cells.", no_args_is_help=True)


@morphology.command("list")
def list_morphologies(json: opt.Json = False) -> None:
    """List the cells of the catalogue and where each is found."""
    from workbench.cli import morphologies

    morphologies.list_morphologies(json)


@morphology.command("fetch")
def fetch_morphology(
    name: Annotated[str, typer.Argument(help="A cell of the catalogue.")],
) -> None:
    """Download a cell of the catalogue from its archive, and check that it is the one."""
    from workbench.cli import morphologies

    morphologies.fetch_morphology(name)


@morphology.command("check")
def check_morphology(
    file: Annotated[str, typer.Argument(help="A file, or a name of the catalogue.")],
    soma: Annotated[str, typer.Option(help="neuron, sphere or cylinder.")] = "neuron",
    unit: Annotated[str, typer.Option(help="The file's unit: um, nm, mm or '8 nm'.")] = "um",
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND=REGION",
            help="What SWC points of kind 0 or above 4 are (5=basal), or sections in hoc.",
        ),
    ] = None,
    trust_hoc: Annotated[
        bool,
        typer.Option("--trust-hoc", help="Let the program run that a .hoc file is; remembered."),
    ] = False,
    yes: opt.Yes = False,
    json: opt.Json = False,
) -> None:
    """Read a cell and say what it holds and what is odd about it; 2 if it cannot be simulated."""
    from workbench.cli import morphologies

    morphologies.check_morphology(file, soma, unit, kind or [], trust_hoc, json)
