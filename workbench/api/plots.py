"""Figures of cells."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.api.cells import Cell
from workbench.cells import CellRecipe, Direction, Electrotonic
from workbench.cells.electrotonic import Gates
from workbench.morphology import Morphology, load_morphology
from workbench.recordings import Targets

if TYPE_CHECKING:
    from workbench.reports.shapes import Along, Drawn, Kind, Plane


def plot(
    cell: str | Path | Morphology | Cell | CellRecipe | Electrotonic,
    kind: "Kind" = "projection",
    *,
    colour: Any = "region",
    value: str | None = None,
    limits: tuple[float, float] | None = None,
    log: bool = False,
    plane: "Plane" = "xy",
    along: "Along" = "path",
    site: str = "soma(0.5)",
    direction: Direction = "out",
    step_um: float = 10.0,
    gates: Gates = "frozen",
    frequency_Hz: float = 0.0,
    ax: Any = None,
    out: str | Path | None = None,
) -> "Drawn":
    """Draw a cell: its shape, or numbers on it.

    Parameters
    ----------
    cell
        A file, a name of the catalogue, a morphology or a cell; for what depends on the membrane a
        cell, or what `electrotonic` returned.
    kind
        "projection": seen along an axis, diameters to scale; "dendrogram"; "sholl": how many
        branches cross spheres around the soma; "electrotonic": redrawn with log-attenuations for
        lengths (Carnevale et al. 1995); "3d": a page that turns.
    colour
        "region"; "distance_um", "radial_um", "diameter_um", "order"; "attenuation", "input_MOhm"; a
        variable painted on the cell, such as "gIhbar_Ih"; or numbers: a table with columns
        `section` ("apic[36]"), `x` and a value (a data frame, the path of a .csv), or a mapping
        from sections, or (section, x), to numbers. Where there is no number the cell is grey.
    value
        The column of a table that is shown, if there are several.
    limits
        The values at the ends of the colour bar; by default the smallest and the largest.
    log
        Whether the colour bar is logarithmic.
    plane
        Of a projection and an electrotonic transform: "xy", "xz" or "zy", to the right and upwards.
    along
        Of a dendrogram: "path" (um), "area" (um2) or "electrotonic" (space constants).
    site, direction
        Attenuations are "out" of this site, to everywhere, or from everywhere "in" to it.
    step_um
        Between the spheres of a Sholl analysis.
    gates, frequency_Hz
        Of what depends on the membrane, see `electrotonic`.
    ax
        Axes of matplotlib to draw on; without, a figure of one column is made. Nothing is shown:
        notebooks do that, and in a script `plt.show()`.
    out
        A .png, .svg or .pdf file to write as well; of kind "3d" .html.

    Returns
    -------
    The axes; their `figure` is the figure. Of kind "3d" a page, which a notebook shows.

    Raises
    ------
    InputError
        If a word is none of those allowed, a table does not fit the cell, the file cannot be
        written, or a shape alone is asked for what depends on a membrane.

    Examples
    --------
    >>> import workbench as wb
    >>> axes = wb.plot("traub_ca3", colour="distance_um", out="traub.svg")
    >>> wb.plot("traub_ca3", kind="3d", out="traub.html").name
    'traub_ca3'
    """
    from workbench.reports.shapes import Look, plot_cell

    look = Look(
        kind,
        colour,
        value,
        limits,
        log,
        plane,
        along,
        site,
        direction,
        step_um,
        gates,
        frequency_Hz,
    )
    if isinstance(cell, str | Path):
        cell = load_morphology(cell)
    return plot_cell(cell.recipe if isinstance(cell, Cell) else cell, look, ax, out)


def draw_features(targets: Targets, out: str | Path) -> list[Path]:
    """Draw each sweep of some targets with all its features, a figure a sweep.

    Parameters
    ----------
    targets
        What `targets_of` returned.
    out
        A folder, which is made; the figures are `<protocol>.<sweep>.svg`.

    Returns
    -------
    The figures' files.

    Raises
    ------
    InputError
        If the folder cannot be made.
    """
    from workbench.reports.sweep_figure import draw_features as draw

    return draw(targets, out)
