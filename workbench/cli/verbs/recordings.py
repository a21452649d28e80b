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
    electrode: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of an NWB file with several.", show_default=False),
    ] = None,
) -> "Reading":
    """Return how files are to be read."""
    from workbench.cli import recorded

    return recorded.reading(cell, unit or [], columns, step, ljp, threshold, electrode)


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


@recordings.command()
@takes_reading
def pulses(
    files: Files,
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where up.csv and down.csv are written.")
    ],
    rest: Annotated[
        float, typer.Option(metavar="MV", help="The voltage at which the passive cell rests.")
    ],
    reading: "Reading",
    onset: Annotated[
        float, typer.Option(metavar="MS", help="When the pulse begins in the study's protocols.")
    ] = 20.0,
    json: opt.Json = False,
) -> None:
    """Average small pulses, up and down, for a passive fit; say how long they mirror each other."""
    from workbench.cli import recorded

    recorded.pulses(files, reading, out, rest, onset, json)


@recordings.command()
@takes_reading
def features(
    files: Files,
    reading: "Reading",
    features: Annotated[
        str | None,
        typer.Option(metavar="NAME,...", help="Which; 'all'; without, some.", show_default=False),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--setting", metavar="NAME=VALUE", help="One of eFEL's settings."),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(
            metavar="BEGIN,END", help="In ms, in place of each stimulus'.", show_default=False
        ),
    ] = None,
    rheobase: Annotated[
        list[str] | None,
        typer.Option(metavar="CELL=NA", help="Where no step of the cell tells it."),
    ] = None,
    without: Annotated[
        str | None,
        typer.Option(
            metavar="REASON,...",
            help="Leave out odd sweeps: noise,drift or all.",
            show_default=False,
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="PERCENT,...",
            help="Amplitudes of the targets; without, multiples of 50 % of rheobase.",
            show_default=False,
        ),
    ] = None,
    tolerance: Annotated[
        float | None, typer.Option(metavar="PERCENT", help="Around each.", show_default=False)
    ] = None,
    at_nA: Annotated[
        str | None,
        typer.Option("--at-nA", metavar="NA,...", help="The same in nA.", show_default=False),
    ] = None,
    tolerance_nA: Annotated[
        float | None,
        typer.Option("--tolerance-nA", metavar="NA", help="Around each.", show_default=False),
    ] = None,
    floor: Annotated[
        list[str] | None,
        typer.Option(metavar="FEATURE=SD", help="The least SD of a feature."),
    ] = None,
    over: Annotated[
        str, typer.Option(help="Mean and SD are over sweeps, or over cells.")
    ] = "sweeps",
    least: Annotated[int, typer.Option(help="Of how many values a target is.")] = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            help="targets.toml, with protocols.toml beside it; or a row for each sweep and feature "
            "as .csv or .parquet.",
            show_default=False,
        ),
    ] = None,
    relative: Annotated[
        bool,
        typer.Option(
            "--relative", help="Protocols in per cent of the rheobase that each individual has."
        ),
    ] = False,
    recording: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=SITE",
            help="Where the voltage was recorded; default soma=soma(0.5), where the current goes.",
            show_default=False,
        ),
    ] = None,
    traces: Annotated[
        bool,
        typer.Option(
            "--traces", help="Mean voltages of protocols without spikes are to be followed, too."
        ),
    ] = False,
    add: Annotated[
        bool, typer.Option("--add", help="To the targets and protocols that are there already.")
    ] = False,
    draw: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Draw each sweep with its features, windows and thresholds.",
            show_default=False,
        ),
    ] = None,
    json: opt.Json = False,
) -> None:
    """Measure features of recordings: mean, SD and number by amplitude, as targets of a study.

    FILE may be the JSON of features that another tool extracted, and that of their protocols.
    """
    from workbench.cli import extracting

    how = {"features": features, "settings": settings or [], "window": window}
    extracting.features(
        files,
        reading,
        how | {"rheobase": rheobase or [], "without": without},
        {
            "at": at,
            "tolerance": tolerance,
            "at_nA": at_nA,
            "tolerance_nA": tolerance_nA,
            "floor": floor or [],
            "over": over,
            "least": least,
            "relative": relative,
            "recording": recording,
            "traces": traces,
            "add": add,
        },
        out,
        draw,
        json,
    )
