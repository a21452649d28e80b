"""Verbs that read recordings."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt

if TYPE_CHECKING:
    from workbench.cli.recorded import Reading

recordings = typer.Typer()

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...", help=".nwb, .abf, .ibw in pairs, .csv, .txt; or VOLTAGE.ibw+CURRENT.ibw."
    ),
]


def reading(
    cell: Annotated[
        str | None,
        typer.Option(
            help="Whose they all are; 'folder': each folder is a cell.", show_default=False
        ),
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(
            "--unit", metavar="WHAT=UNIT", help="Of time, v or i, where a file states none."
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="Of a text whose first line has none: time_ms,v_mV,i_pA.",
            show_default=False,
        ),
    ] = None,
    step: Annotated[
        str | None,
        typer.Option(
            metavar="DELAY,DURATION,CURRENT",
            help="In ms, ms and nA, for files without a current; several currents, one a sweep.",
            show_default=False,
        ),
    ] = None,
    ljp: Annotated[
        float | None,
        typer.Option(
            metavar="MV", help="A liquid junction potential to be subtracted.", show_default=False
        ),
    ] = None,
    threshold: Annotated[
        float, typer.Option(metavar="MV", help="What crosses it upwards is a spike.")
    ] = -20.0,
) -> "Reading":
    """Return how files are to be read."""
    from workbench.cli import recorded

    return recorded.reading(cell, unit or [], columns, step, ljp, threshold)


takes_reading = opt.takes("reading", reading)


@recordings.command("recordings")
@takes_reading
def show_recordings(
    files: Files,
    reading: "Reading",
    out: Annotated[
        Path | None, typer.Option(help="Write a row a sweep to this .csv or .parquet file.")
    ] = None,
    json: opt.Json = False,
) -> None:
    """Say what recordings hold: each sweep's stimulus, its repeats, and what is odd about it."""
    from workbench.cli import recorded

    recorded.show_recordings(files, reading, out, json)
