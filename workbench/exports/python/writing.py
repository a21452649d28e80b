"""Write `cell.py` and `protocols.py`, and what they read."""

import json
import re
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from workbench.cells import WEIGHT, OnPlaced
from workbench.exports.driving import amounts_of, arrivals, course_file, longest_step_ms
from workbench.exports.model import Model, Painted
from workbench.morphology import REGIONS, Site
from workbench.protocols import Events, Played, Protocol, Recording, Stimulus
from workbench.protocols.protocol import OF_STIMULI

CALLS = {"step": "current", "epsp": "epsp", "voltage_clamp": "voltage_clamp"}
HERE = Path(__file__).parent


def write_python(model: Model, out: Path) -> None:
    """Write a model as plain Python for NEURON into a folder."""
    (out / "sections.json").write_text(_lines(_sections(model)), encoding="utf-8")
    tables = {one.name: _by_name(model, one) for one in model.painted if one.uniform is None}
    (out / "distributed.json").write_text(json.dumps(tables, indent=0) + "\n", encoding="utf-8")
    (out / "cell.py").write_text(_cell(model), encoding="utf-8")
    (out / "protocols.py").write_text(_protocols(model, out), encoding="utf-8")
    shutil.copyfile(HERE / "simulation.py", out / "simulation.py")


def _lines(tables: Sequence[Any]) -> str:
    return "[\n" + ",\n".join(map(json.dumps, tables)) + "\n]\n"


def _sections(model: Model) -> list[dict[str, Any]]:
    tree, counts = model.recipe.morphology, model.recipe.segment_counts
    own = {one.name: {*tree.indices(one.name)} for one in tree.regions}
    tables = []
    for index, (name, shape) in enumerate(zip(model.names, tree.sections, strict=True)):
        table: dict[str, Any] = {"name": name, "nseg": counts[index]}
        if regions := [region for region, sections in own.items() if index in sections]:
            table["regions"] = regions
        if shape.parent >= 0:
            table |= {"parent": shape.parent, "parent_x": shape.parent_x}
        if shape.is_cylinder:
            table |= {"L": shape.length_um, "diam": float(shape.points[0, 3])}
        else:
            table["points"] = shape.points.tolist()
        tables.append(table)
    return tables


def _by_name(model: Model, one: Painted) -> dict[str, list[float]]:
    counts = model.recipe.segment_counts
    return {
        model.names[section]: np.broadcast_to(values, counts[section]).tolist()
        for section, values in one.values.items()
    }


def _cell(model: Model) -> str:
    study, shapes = model.study, model.recipe.morphology.sections
    points = "3-d points (x, y, z and diameter, um) of each section"
    cylinders = "length L and diameter (um) of each section"
    return Template((HERE / "cell.py.in").read_text(encoding="utf-8")).substitute(
        title=study.title,
        study=model.name,
        label=model.label,
        geometry=cylinders if all(one.is_cylinder for one in shapes) else points,
        biophysics=textwrap.indent("\n".join(_biophysics(model)), " " * 8),
    )


def _biophysics(model: Model) -> Iterator[str]:
    recipe = model.recipe
    for region, pairs in groupby(recipe.inserted, key=lambda pair: pair[0]):
        yield f"for section in {_list_of(model, region)}:"
        yield from (f'    section.insert("{suffix}")' for _, suffix in pairs)
    for name, number in model.globals_.items():
        yield f"h.{name} = {number!r}"
    for placed in recipe.placed:
        yield f'self.placed["{placed.name}"] = ['
        for index, x in placed.points(recipe.morphology):
            yield f"    h.{placed.mechanism}(self.{model.names[index]}({x!r})),"
        yield "]"
    for reversal in recipe.held:
        ion = reversal.removeprefix("e")
        yield f"# {reversal} stays as it is set, where NEURON would compute it."
        yield "for section in self.all:"
        yield f'    if section.has_membrane("{ion}_ion"):'
        yield f'        style = int(h.ion_style("{ion}_ion", sec=section))'
        yield (f'        h.ion_style("{ion}_ion", style & 3, 1, 0, 0, style >> 2 & 1, sec=section)')
    for (region, ion), group in groupby(model.painted, key=_where):
        if region is None:
            yield from _distributed(list(group))
            continue
        yield f"for section in {_list_of(model, region)}:"
        if ion:
            yield f'    if section.has_membrane("{ion}_ion"):'
        for one in group:
            unit = model.recipe.unit_of(one.name)
            said = f"  # {unit}" * bool(unit)
            yield f"{' ' * (8 if ion else 4)}section.{one.variable} = {one.uniform!r}{said}"
    for placed in recipe.placed:
        values = {name: value for name, value in placed.values.items() if name != WEIGHT}
        if values:
            yield f'for point in self.placed["{placed.name}"]:'
            yield from (f"    point.{name} = {value!r}" for name, value in values.items())


def _where(one: Painted) -> tuple[str | None, str]:
    return (None, "") if one.uniform is None else (one.region, one.ion)


def _distributed(group: Sequence[Painted]) -> Iterator[str]:
    for one in group:
        yield from (f"# {line}" for line in textwrap.wrap(f"{one.name}: {one.formula}", 88))
        yield f'self.distribute("{one.name}")'


def _list_of(model: Model, region: str) -> str:
    tree = model.recipe.morphology
    if region in ("all", *REGIONS):
        return f"self.{region}"
    if region in (one.name for one in tree.regions):
        return f'self.regions["{region}"]'
    return f"[{', '.join(f'self.{model.names[index]}' for index in tree.indices(region))}]"


def _protocols(model: Model, out: Path) -> str:
    functions = {one.name: re.sub(r"\W", "_", f"_{one.name}")[1:] for one in model.protocols}
    said = [
        f'"""The protocols of {model.name}: functions that do to a cell what they say."""',
        "from simulation import Protocol",
    ]
    for one in model.protocols:
        body = "\n".join(_protocol(model, one, out))
        said.append(f"\ndef {functions[one.name]}(cell):\n{textwrap.indent(body, '    ')}")
    listed = "".join(f'    "{name}": {function},\n' for name, function in functions.items())
    said.append(f"\nPROTOCOLS = {{\n{listed}}}")
    return "\n\n".join(said) + "\n"


def _protocol(model: Model, protocol: Protocol, out: Path) -> Iterator[str]:
    until_ms = protocol.duration_ms
    words = [one.words(until_ms) for one in protocol.stimuli] or ["No stimulus"]
    yield f'"""{textwrap.fill("; ".join(words), 90, subsequent_indent="    ")}."""'
    yield f"protocol = Protocol({', '.join(_conditions(model, protocol))})"
    named: dict[tuple[object, str], str] = {}
    for number, stimulus in enumerate(protocol.stimuli):
        call = _stimulus(model, protocol, stimulus, number, out)
        for variable, one in stimulus.recorded.items():
            named[stimulus.site, variable] = f"clamp._ref_{one.name}"
            call = f"clamp = {call}"
        yield call
    for train in protocol.events:
        yield from _events(model, protocol, train)
    for recording in protocol.recordings:
        if recording.variable in OF_STIMULI:
            pointer = named[recording.site, recording.variable]
        else:
            pointer = _pointer(model, recording)
        yield f'protocol.record("{recording.name}", {pointer})'
    yield "return protocol"


def _conditions(model: Model, protocol: Protocol) -> Iterator[str]:
    yield f"duration_ms={protocol.duration_ms!r}"
    yield f"celsius_degC={model.celsius_degC(protocol)!r}"
    yield f"v_init_mV={model.v_init_mV(protocol)!r}"
    integrator = model.integrators[protocol.name]
    if integrator.atol is None:
        yield f"dt_ms={integrator.dt_ms!r}"
        if integrator.order == 2:
            yield "order=2"
        return
    yield f"cvode_atol={integrator.atol!r}"
    if np.isfinite(longest_ms := longest_step_ms(protocol)):
        yield f"longest_step_ms={longest_ms!r}"


def _stimulus(model: Model, protocol: Protocol, stimulus: Stimulus, number: int, out: Path) -> str:
    assert not isinstance(stimulus.site, str)
    segment = _segment(model, stimulus.site)
    if isinstance(stimulus, Played):
        file = course_file(model, protocol, stimulus, number, out)
        return f'protocol.played({segment}, "{file}")'
    amounts = ", ".join(f"{name}={value!r}" for name, value in amounts_of(stimulus).items())
    return f"protocol.{CALLS[stimulus.kind]}({segment}, {amounts})"


def _events(model: Model, protocol: Protocol, train: Events) -> Iterator[str]:
    for number, weight, times_ms in arrivals(model, protocol, train):
        point = f'cell.placed["{train.place}"][{number}]'
        yield f"protocol.events({point}, {weight!r}, {times_ms!r})"


def _pointer(model: Model, recording: Recording) -> str:
    if isinstance(recording.site, OnPlaced):
        number = recording.site.number or 0
        return f'cell.placed["{recording.site.place}"][{number}]._ref_{recording.variable}'
    return f"{_segment(model, recording.site)}._ref_{recording.variable}"


def _segment(model: Model, site: Site) -> str:
    section, x = model.place(site)
    return f"cell.{section}({x!r})"
