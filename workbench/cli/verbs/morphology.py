"""The verbs below `morphology`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import options as opt

if TYPE_CHECKING:
    from workbench.cli.morphologies import Reading

Soma = Annotated[str, typer.Option(help="neuron, sphere or cylinder.")]
Unit = Annotated[str, typer.Option(help="The file's unit: um, nm, mm or '8 nm'.")]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND=REGION",
        help="What SWC points of kind 0 or above 4 are (5=basal), or sections in hoc.",
    ),
]
TrustHoc = Annotated[
    bool,
    typer.Option("--trust-hoc", help="Let the program run that a .hoc file is; remembered."),
]


Regions = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A cell.toml, whose [regions] the cell has by name."),
]


def reading(
    soma: Soma = "neuron",
    unit: Unit = "um",
    kind: Kinds = None,
    trust_hoc: TrustHoc = False,
    yes: opt.Yes = False,
) -> "Reading":
    """Return how files are to be read."""
    from workbench.cli import morphologies

    return morphologies.reading(soma, unit, kind or [], trust_hoc)


takes_reading = opt.takes("reading", reading)
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
@takes_reading
def check_morphology(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files or names.")],
    reading: "Reading",
    regions: Regions = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write a mended copy, and say what was done to it.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="The copy's folder, or its file; without, FILE_mended.swc here."),
    ] = None,
    json: opt.Json = False,
) -> None:
    """Read cells, say what they hold and what is odd about them; 2 if one cannot be simulated."""
    from workbench.cli import checking

    checking.check_morphology(files, fix, out, reading, regions, json)


@morphology.command("convert")
@takes_reading
def convert_morphology(
    source: Annotated[str, typer.Argument(metavar="IN", help="A file, or a name.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A .swc, .asc or .h5 file.")],
    reading: "Reading",
    json: opt.Json = False,
) -> None:
    """Write a cell in another format, and say what is not the same in the file that came out."""
    from workbench.cli import comparing

    comparing.convert_morphology(source, out, reading, json)


@morphology.command("compare")
@takes_reading
def compare_morphologies(
    first: Annotated[str, typer.Argument(metavar="A", help="A file, or a name.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    reading: "Reading",
    json: opt.Json = False,
) -> None:
    """Say what differs between two cells: sections, points, diameters, measures; 1 if any does."""
    from workbench.cli import comparing

    comparing.compare_morphologies(first, second, reading, json)


@morphology.command("measure")
@takes_reading
def measure(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files or names.")],
    reading: "Reading",
    by: Annotated[str, typer.Option(help="cell, or region for a row each.")] = "cell",
    regions: Regions = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a row a cell to this .csv or .parquet file.")
    ] = None,
    json: opt.Json = False,
) -> None:
    """Measure the neurites of cells; 2 if a file could not be, and the others have been."""
    from workbench.cli import measuring

    measuring.measure(files, by, regions, out, reading, json)


@morphology.command("show")
@takes_reading
def show_morphology(
    reading: "Reading",
    file: Annotated[
        str | None, typer.Argument(help="A file, or a name of the catalogue.", show_default=False)
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(help="A study: its cell, or its channels on FILE.", show_default=False),
    ] = None,
    params: opt.Params = None,
    set_: opt.Set = None,
    on: Annotated[
        str | None,
        typer.Option("--morphology", metavar="NAME", help="Of several of the study: which."),
    ] = None,
    as_: Annotated[
        str,
        typer.Option(
            "--as", help="projection, dendrogram, sholl, electrotonic, or 3d, a page that turns."
        ),
    ] = "projection",
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file to write, .png, .svg or .pdf, of 3d .html; default FILE.png here.",
            show_default=False,
        ),
    ] = None,
    colour: Annotated[
        str,
        typer.Option(
            help="region, distance_um, radial_um, diameter_um, order, attenuation, input_MOhm, a "
            "painted variable, or a .csv with columns section, x and a value."
        ),
    ] = "region",
    value: Annotated[
        str | None, typer.Option(help="Which column of the .csv.", show_default=False)
    ] = None,
    limits: Annotated[
        str | None,
        typer.Option(metavar="LOW,HIGH", help="Of the colour bar.", show_default=False),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="A logarithmic colour bar.")] = False,
    plane: Annotated[str, typer.Option(help="xy, xz or zy: to the right and upwards.")] = "xy",
    along: Annotated[
        str, typer.Option(help="Of a dendrogram: path, area or electrotonic.")
    ] = "path",
    site: Annotated[str, typer.Option(help="Of attenuations.")] = "soma(0.5)",
    direction: Annotated[str, typer.Option(help="out of the site, or in.")] = "out",
    step: Annotated[float, typer.Option(metavar="UM", help="Between Sholl's spheres.")] = 10.0,
    gates: Annotated[
        str, typer.Option(help="frozen, following, initial or passive; see `electrotonic`.")
    ] = "frozen",
    frequency: Annotated[float, typer.Option(metavar="HZ", help="Of the current.")] = 0.0,
) -> None:
    """Draw a cell: projections to scale, dendrograms, Sholl, attenuations, a page that turns."""
    from workbench.cli import drawing

    words = {
        "kind": as_,
        "colour": colour,
        "value": value,
        "log": log,
        "plane": plane,
        "along": along,
        "site": site,
        "direction": direction,
        "step_um": step,
        "gates": gates,
        "frequency_Hz": frequency,
    }
    drawing.show_morphology(file, study, params, set_ or [], on, limits, words, out, reading)


@morphology.command(
    "edit", context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
@takes_reading
def edit_morphology(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A file, or a name of the catalogue.")],
    out: Annotated[Path, typer.Option(help="The .swc, .asc or .h5 file to write.")],
    reading: "Reading",
    regions: Regions = None,
) -> None:
    """Write a cell after edits, such as --scale-lengths apical=1.2; `morphology edits` has them.

    Edits stand behind FILE, and are done in their order.
    """
    from workbench.cli import editing

    editing.edit_morphology(file, context.args, out, reading, regions)


@morphology.command("edits")
def list_edits(json: opt.Json = False) -> None:
    """List the edits of shapes, and what each is given."""
    from workbench.cli import editing

    editing.list_edits(json)


@morphology.command("generate")
def generate_morphology(
    name: Annotated[str, typer.Argument(help="A generator; `morphology generators` has them.")],
    out: Annotated[Path, typer.Option(help="The .swc, .asc or .h5 file to write.")],
    given: Annotated[
        str, typer.Argument(metavar="NAME=VALUE,...", help="What it is given: seed=3,stems=5.")
    ] = "",
) -> None:
    """Write a cell that is made from a few numbers."""
    from workbench.cli import editing

    editing.generate_morphology(name, given, out)


@morphology.command("generators")
def list_generators(json: opt.Json = False) -> None:
    """List the generators of cells, and what each is given."""
    from workbench.cli import editing

    editing.list_generators(json)
