"""A small picture of a cell as SVG text, for notebooks."""

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from workbench.morphology.section import Region, Section

REGION_COLOURS: MappingProxyType[Region, str] = MappingProxyType(
    {"somatic": "#1d2733", "axonal": "#2463a8", "basal": "#c8352b", "apical": "#8a3f9e"}
)
"""The field's: soma black, axon blue, basal dendrites red, apical dendrite purple."""

LARGEST_px = 320.0
THINNEST_px = 0.6


def as_svg(sections: Sequence[Section]) -> str:
    """Draw the sections that have a place in space, seen along z, y upwards.

    Widths are the sections' mean diameters, at least `THINNEST_px`. The text is empty if no
    section has a place.
    """
    drawn = [section for section in sections if not section.is_cylinder]
    if not drawn:
        return ""
    places_um = np.concatenate([section.points[:, :2] for section in drawn])
    low_um, high_um = places_um.min(axis=0), places_um.max(axis=0)
    widest_um = max(float(section.points[:, 3].max()) for section in drawn)
    scale = LARGEST_px / (float((high_um - low_um).max()) + widest_um)
    width, height = (high_um - low_um + widest_um) * scale
    left_um, top_um = low_um[0] - widest_um / 2, high_um[1] + widest_um / 2
    lines = []
    for section in drawn:
        x, y = (section.points[:, 0] - left_um) * scale, (top_um - section.points[:, 1]) * scale
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        stroke = max(THINNEST_px, float(section.points[:, 3].mean()) * scale)
        lines.append(
            f'<polyline points="{points}" stroke="{REGION_COLOURS[section.region]}" '
            f'stroke-width="{stroke:.2f}"/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'fill="none" stroke-linejoin="round">{"".join(lines)}</svg>'
    )
