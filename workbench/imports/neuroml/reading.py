"""A cell of a NeuroML file as a study."""

from collections.abc import Iterator

from workbench.errors import InputError
from workbench.imports.geometry import section_table, segment_rule
from workbench.imports.neuroml.documents import Model, read_model
from workbench.imports.neuroml.membrane import Membrane, membrane_of
from workbench.imports.neuroml.shape import Shape, shape_of
from workbench.imports.source import Source
from workbench.imports.study import STEP, Imported
from workbench.mechanisms import BUILT_IN, combine, read_mechanisms

_GEOMETRY = "geometry.toml"
_NEURONS_v_init_mV = -65.0
_NEURONS_celsius_degC = 6.3


def read_neuroml(source: Source) -> Imported:
    """Return the cell of a NeuroML 2 file, with the channels that are known by name.

    Raises
    ------
    InputError
        If a file cannot be read, or a study cannot have its shape.
    """
    path = source.path
    if path.is_dir():
        raise InputError(f"{path} is a folder; name the file of the cell, FILE.cell.nml")
    model = read_model(path, source.model)
    shape = shape_of(model.name, model.morphology, source.kinds)
    sets = () if source.mechanisms is None else (read_mechanisms(source.mechanisms),)
    membrane, regions = membrane_of(model, shape, combine(sets))
    segments = segment_rule(shape.tree, shape.counts, *_cable(shape, membrane))
    begins = membrane.values["v"]
    cell = {
        "conditions": {
            "celsius_degC": _NEURONS_celsius_degC,
            "v_init_mV": begins.get(0, _NEURONS_v_init_mV),
            "segments": segments,
        },
        "morphology": {"file": _GEOMETRY},
        **({"regions": regions.table} if regions.table else {}),
        "mechanisms": {
            "folders": [one.folder for one in sets],
            "insert": membrane.insert,
            **({"hold": membrane.hold} if membrane.hold else {}),
        },
        **({"distributions": membrane.distributions} if membrane.distributions else {}),
        "parameters": membrane.parameters,
    }
    passive = membrane.lost and not membrane.active
    return Imported(
        "neuroml",
        model.name,
        f"{model.name}, {'the passive part of ' if passive else ''}a cell of NeuroML",
        "",
        str(path.resolve()),
        cell,
        {"step": STEP},
        integrator={"cvode_atol": 1e-3},
        texts={_GEOMETRY: section_table(shape.tree, shape.names)},
        done=list(_done(shape, membrane)),
        unsaid=list(_unsaid(model, membrane)),
    )


def _cable(shape: Shape, membrane: Membrane) -> tuple[list[float], list[float]]:
    """Return axial resistivity and capacitance of each section, as NEURON will have them."""
    defaults = {p.name: p.default for p in BUILT_IN["cable"].range_parameters}
    Ra, cm = (
        [membrane.values[name].get(n, defaults[name]) for n in range(len(shape.tree))]
        for name in ("Ra", "cm")
    )
    return Ra, cm


def _done(shape: Shape, membrane: Membrane) -> Iterator[str]:
    marked = shape.groups.sections
    which = (
        "the groups that are marked as unbranched"
        if marked
        else "the segments, since no group is so marked"
    )
    yield (
        f"{_GEOMETRY} holds the {len(shape.tree)} sections, with the file's names beside ours. "
        f"They are {which}."
    )
    named = {"channel": membrane.active, "concentration model": membrane.pools}
    for kind, suffixes in named.items():
        if suffixes:
            listed = ", ".join(dict.fromkeys(suffixes))
            yield (
                f"By their names, each {kind} is a mechanism with its own kinetics and constants; "
                f"whether they are the file's was not looked at: {listed}."
            )
    for name in membrane.hold:
        yield f"{name} is held: the file gives it, where NEURON would compute it."
    for name, unit in (("cm", "uF/cm2"), ("Ra", "ohm cm")):
        without = len(shape.tree) - len(membrane.values[name])
        default = BUILT_IN["cable"].parameters[name].default
        if without:
            yield f"The file gives {without} sections no {name}: it is NEURON's {default:g} {unit}."
    if 0 not in membrane.values["v"]:
        yield f"The file does not say where the soma begins: {_NEURONS_v_init_mV:g} mV, as NEURON."
    yield "`step` is a protocol of ours."


def _unsaid(model: Model, membrane: Membrane) -> Iterator[str]:
    if membrane.lost and not membrane.active:
        yield "None of the cell's channels with gates could be said: the study is passive."
    yield from membrane.unsaid
    yield (
        f"A cell's file has no temperature, a network's has: it is NEURON's "
        f"{_NEURONS_celsius_degC:g} degC here; celsius_degC of cell.toml is another."
    )
    begins = membrane.values["v"]
    if others := sorted({value for value in begins.values() if value != begins.get(0)}):
        listed = ", ".join(f"{value:g}" for value in others)
        yield f"Other parts of the cell than the soma begin at {listed} mV; here all begin as it."
    for one in model.membrane.all("spikeThresh")[:1]:
        given = one.attributes.get("value", "?")
        yield f"What crosses {given} is a spike: `threshold_mV` of a target, and there is none yet."
    for one in model.unread:
        yield f"<{one.tag}> (line {one.where.rpartition(':')[2]}) is nothing that a study has."
    for name in model.networks:
        yield f"The network {name} in the same file is not imported."
