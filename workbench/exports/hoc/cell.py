"""The template of a cell: geometry, segments and biophysics in hoc."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from workbench.cells import WEIGHT
from workbench.exports.model import Model
from workbench.morphology import REGIONS

LINES = 100
"""Of one procedure: hoc has no room for long ones."""


def template_of(model: Model) -> str:
    """Return what the template is called."""
    return "Cell_" + re.sub(r"[^A-Za-z0-9]", "_", model.name)


def list_of(region: str) -> str:
    """Return the list that a region or a section is."""
    if region in ("all", *REGIONS):
        return region
    return "list_" + re.sub(r"[^0-9A-Za-z]", "_", region)


def cell_text(model: Model) -> str:
    """Return `cell.hoc`."""
    name = template_of(model)
    counts = _counts(model)
    lists = _lists(model)
    own = [one.name for one in model.recipe.placed]
    procedures = {
        "topology": list(_topology(model)),
        "geometry": list(_geometry(model)),
        "geom_nseg": list(_segments(model)),
        "point_processes": list(_points(model)),
        "biophys": list(_biophysics(model)),
    }
    public = [*counts, *lists, *own, "topology", "geometry", "geom_nseg", "biophys"]
    created = ", ".join(f"{array}[{count}]" for array, count in counts.items())
    lines = [
        f"// {model.study.title}",
        f"// The cell of the study {model.name} with the parameter set {model.label}.",
        "// Geometry: 3-d points (x, y, z, diameter, um), or L and diam of cylinders.",
        "",
        f"begintemplate {name}",
        f"public {', '.join(public)}",
        f"create {created}",
        f"objref {', '.join([*lists, *own])}",
        "",
        *_procedure("make_lists", [*_appended(model, lists)]),
    ]
    for called, body in procedures.items():
        lines += _procedure(called, body)
    lines += ["proc init() {", "    topology()", "    make_lists()", "    geometry()"]
    lines += ["    geom_nseg()", "    biophys()", "}", f"endtemplate {name}", ""]
    return "\n".join(lines)


def _procedure(name: str, body: Sequence[str]) -> list[str]:
    """Return a procedure, in parts that hoc has room for."""
    parts = [body[begin : begin + LINES] for begin in range(0, len(body), LINES)]
    if len(parts) <= 1:
        return [f"proc {name}() {{", *(f"    {line}" for line in body), "}", ""]
    lines = []
    for number, part in enumerate(parts):
        lines += [f"proc {name}_{number}() {{", *(f"    {line}" for line in part), "}"]
    calls = [f"    {name}_{number}()" for number in range(len(parts))]
    return [*lines, f"proc {name}() {{", *calls, "}", ""]


def _counts(model: Model) -> dict[str, int]:
    arrays = [name.partition("[")[0] for name in model.names]
    return {array: arrays.count(array) for array in dict.fromkeys(arrays)}


def _lists(model: Model) -> dict[str, tuple[int, ...]]:
    """Return the sections of each list."""
    recipe = model.recipe
    used = [region for region, _ in recipe.inserted] + [one.region for one in model.painted]
    own = [one.name for one in recipe.morphology.regions]
    regions = dict.fromkeys(("all", *REGIONS, *own, *used))
    return {list_of(region): recipe.morphology.indices(region) for region in regions}


def _appended(model: Model, lists: dict[str, tuple[int, ...]]) -> Iterator[str]:
    for name, sections in lists.items():
        yield f"{name} = new SectionList()"
        yield from (f"{model.names[section]} {name}.append()" for section in sections)


def _topology(model: Model) -> Iterator[str]:
    for name, shape in zip(model.names, model.recipe.morphology.sections, strict=True):
        if shape.parent >= 0:
            yield f"connect {name}(0), {model.names[shape.parent]}({shape.parent_x!r})"


def _geometry(model: Model) -> Iterator[str]:
    for name, shape in zip(model.names, model.recipe.morphology.sections, strict=True):
        if shape.is_cylinder:
            diameter_um = float(shape.points[0, 3])
            yield f"{name} {{ L = {shape.length_um!r} diam = {diameter_um!r} }}"
        else:
            for x, y, z, diameter_um in shape.points.tolist():
                yield f"{name} pt3dadd({x!r}, {y!r}, {z!r}, {diameter_um!r})"


def _segments(model: Model) -> Iterator[str]:
    counts, rule = model.recipe.segment_counts, getattr(model.recipe.segments, "length_um", None)
    lengths_um = [one.length_um for one in model.recipe.morphology.sections]
    if rule and counts == tuple(1 + 2 * int(length_um / rule) for length_um in lengths_um):
        yield f"forsec all {{ nseg = 1 + 2 * int(L / {float(rule)!r}) }}"
        return
    for name, count in zip(model.names, counts, strict=True):
        yield f"{name} nseg = {count}"


def _biophysics(model: Model) -> Iterator[str]:
    recipe = model.recipe
    for region, suffix in recipe.inserted:
        yield f"forsec {list_of(region)} {{ insert {suffix} }}"
    yield "point_processes()"
    for name, number in model.globals_.items():
        yield f"{name} = {number!r}"
    for reversal in recipe.held:
        ion = f'"{reversal.removeprefix("e")}_ion"'
        style = f"ion_style({ion})"
        yield f"// {reversal} stays as it is set, where NEURON would compute it."
        yield (
            f"forsec all {{ if (ismembrane({ion})) {{ "
            f"ion_style({ion}, {style} % 4, 1, 0, 0, int({style} / 4) % 2) }} }}"
        )
    for one in model.painted:
        if one.uniform is None:
            yield f"// {one.name}: {one.formula}"
            for section, values in one.values.items():
                yield from _segment_by_segment(model.names[section], one.variable, values)
        elif one.ion:
            inner = f'if (ismembrane("{one.ion}_ion")) {{ {one.variable} = {one.uniform!r} }}'
            yield f"forsec {list_of(one.region)} {{ {inner} }}"
        else:
            yield f"forsec {list_of(one.region)} {{ {one.variable} = {one.uniform!r} }}"
    for placed in recipe.placed:
        for name, value in placed.values.items():
            if name != WEIGHT:
                last = len(placed.points(recipe.morphology)) - 1
                yield f"for i = 0, {last} {{ {placed.name}.o(i).{name} = {value!r} }}"


def _segment_by_segment(name: str, variable: str, values: object) -> Iterator[str]:
    if not isinstance(values, np.ndarray):
        yield f"{name} {variable} = {values!r}"
        return
    for number, value in enumerate(values.tolist()):
        yield f"{name} {variable}({(number + 0.5) / len(values)!r}) = {value!r}"


def _points(model: Model) -> Iterator[str]:
    for one in model.recipe.placed:
        yield f"{one.name} = new List()"
        for index, x in one.points(model.recipe.morphology):
            yield f"{model.names[index]} {one.name}.append(new {one.mechanism}({x!r}))"
