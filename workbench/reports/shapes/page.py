"""A page on which a cell turns: one HTML file with a program of its own, nothing fetched."""

import html
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import to_hex

from workbench.arrays import Floats
from workbench.morphology import REGION_COLOURS, REGIONS, in_space
from workbench.reports.page import fill_in
from workbench.reports.shapes.canvas import NO_VALUE, colour_map, scale_of
from workbench.reports.shapes.look import Look
from workbench.reports.shapes.outline import cut
from workbench.reports.shapes.subject import Subject
from workbench.reports.shapes.values import Values
from workbench.runs.folder import write_whole

SHADES = 128
HEIGHT_px = 520
_WHOLE = np.array([0.0, 1.0])


@dataclass(frozen=True)
class Page:
    """A cell that turns, as one HTML file; a notebook shows it.

    Attributes
    ----------
    name
        What the cell is called.
    html
        The whole page.
    """

    name: str
    html: str

    def __repr__(self) -> str:
        return f"<Page {self.name}: {len(self.html) / 1000:.0f} kB of HTML>"

    def _repr_html_(self) -> str:
        style = f"width: 100%; height: {HEIGHT_px}px; border: 0"
        return f'<iframe srcdoc="{html.escape(self.html)}" style="{style}"></iframe>'

    def write(self, path: str | Path) -> Path:
        """Write the file, and return its path."""
        return write_whole(Path(path), self.html)


def page_of(subject: Subject, look: Look, values: Values | None) -> Page:
    """Return the page of a cell, coloured by region and, if there are any, by values."""
    name = subject.morphology.name
    script = files("workbench.reports.shapes").joinpath("turning.js").read_text(encoding="utf-8")
    # Nothing in a text may end the script that holds it.
    data = json.dumps(_data(subject, look, values), separators=(",", ":")).replace("<", "\\u003c")
    content = {"name": name, "script": script, "data": data}
    return Page(name, fill_in("shapes/page.html.jinja", content))


def _data(subject: Subject, look: Look, values: Values | None) -> dict[str, Any]:
    """Return what the program draws; places in um around the middle of the soma."""
    tree, places = subject.morphology, in_space(subject.morphology)
    middle = places[0][:, :3].mean(axis=0)
    sections = []
    for index, points in enumerate(places):
        bounds = _WHOLE if values is None else values.bounds[index]
        pieces = cut(points - [*middle, 0.0], bounds)
        whole = np.vstack([pieces[0][:1], *(piece[1:] for piece in pieces)])
        section: dict[str, Any] = {
            "name": tree.names[index],
            "region": REGIONS.index(tree.sections[index].region),
            "points": np.round(whole, 2).ravel().tolist(),
        }
        if values is not None:
            counts = [len(piece) - 1 for piece in pieces]
            section["values"] = _numbers(np.repeat(values.values[index], counts))
        sections.append(section)
    return {
        "name": tree.name,
        "regions": [{"name": one, "colour": REGION_COLOURS[one]} for one in REGIONS],
        "sections": sections,
        "scale": None if values is None else _scale(values, look),
    }


def _scale(values: Values, look: Look) -> dict[str, Any]:
    norm = scale_of(values, look).norm
    return {
        "label": values.label,
        "low": norm.vmin,
        "high": norm.vmax,
        "log": look.log,
        "colours": [to_hex(one) for one in colour_map()(np.linspace(0, 1, SHADES))],
        "none": NO_VALUE,
    }


def _numbers(values: Floats) -> list[float | None]:
    return [float(f"{one:.5g}") if np.isfinite(one) else None for one in values]
