"""The verbs below `mechanisms`."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import options as opt

mechanisms = typer.Typer(help="Ion channels: .mod files and their builds.", no_args_is_help=True)


@mechanisms.command("list")
def list_mechanisms(
    folder: Annotated[str | None, typer.Argument(help="A set's name or a folder.")] = None,
    json: opt.Json = False,
) -> None:
    """List the mechanisms of a set or folder, or the sets that ship."""
    from workbench.cli import channels

    channels.list_mechanisms(folder, json)


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
    json: opt.Json = False,
) -> None:
    """Compile mechanisms into the cache; what is there already is reused."""
    from workbench.cli import channels

    channels.build_mechanisms(folders or [], coreneuron, flags, trust_mechanisms, json)


@mechanisms.command("lint")
def lint_mechanisms(
    folder: Annotated[str, typer.Argument(help="A set's name or a folder.")],
    json: opt.Json = False,
) -> None:
    """Say what in .mod files breaks in CoreNEURON, threads, CVODE or NEURON 9, line by line."""
    from workbench.cli import channels

    channels.lint_mechanisms(folder, json)


@mechanisms.command("show")
def show_mechanism(
    name: Annotated[str, typer.Argument(help="A mechanism's suffix.")],
    folder: Annotated[
        str | None, typer.Option(help="Its set or folder; default: the sets that ship.")
    ] = None,
    generated: Annotated[
        bool, typer.Option("--generated", help="The C++ that the population engine makes of it.")
    ] = False,
) -> None:
    """Print the text of a mechanism, or the C++ that is generated from it."""
    from workbench.cli import channels

    channels.show_mechanism(name, folder, generated)


@mechanisms.command("plot")
def plot_mechanism(
    name: Annotated[str, typer.Argument(help="A mechanism's suffix.")],
    folder: Annotated[
        str | None, typer.Option(help="Its set or folder; default: the sets that ship.")
    ] = None,
    celsius: Annotated[float, typer.Option(metavar="C", help="Temperature.")] = 34.0,
    set_: opt.Set = None,
    out: Annotated[
        Path | None, typer.Option(help="The figure, .png, .svg or .pdf; default NAME.png.")
    ] = None,
) -> None:
    """Draw a mechanism's steady states, time constants and currents under voltage clamp."""
    from workbench.cli import channels

    channels.plot_mechanism(name, folder, celsius, set_ or [], out or Path(f"{name}.png"))
