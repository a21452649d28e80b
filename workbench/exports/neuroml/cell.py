"""A cell as an element of NeuroML: morphology, groups, and biophysical properties."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement

from workbench.cells.recipe import PASSIVE
from workbench.exports.arbor.component import variables
from workbench.exports.model import Model
from workbench.exports.neuroml.lems import number
from workbench.exports.neuroml.membrane import Membrane, Segment
from workbench.exports.neuroml.shape import Cable, Frustum, Shape, shape_of

_UNBRANCHED = "sao864921383"
"""The mark of groups that are cables."""

_REGIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "all": ("", ("somatic", "axonal", "basal", "apical")),
    "soma_group": ("GO:0043025", ("somatic",)),
    "axon_group": ("GO:0030424", ("axonal",)),
    "dendrite_group": ("GO:0030425", ("basal", "apical")),
    "basal_group": ("", ("basal",)),
    "apical_group": ("", ("apical",)),
}
"""The groups that NeuroML's tools know, and those that tell dendrites apart: mark and regions."""


def cell_of(model: Model, membrane: Membrane) -> tuple[Element, Shape]:
    """Return a cell, and where what is in it."""
    painted = variables(model)
    even: dict[str, dict[float, list[Segment]]] = {}
    counts = model.recipe.segment_counts
    every = [(section, n) for section, count in enumerate(counts) for n in range(count)]
    for name in ("cm", "Ra"):
        found = even.setdefault(name, defaultdict(list))
        for segment in every:
            found[painted.get(name, {}).get(segment, PASSIVE[name])].append(segment)
    alike = [*membrane.densities.values(), *membrane.species.values()]
    alike += [segments for found in even.values() for segments in found.values()]
    shape = shape_of(model, uneven_sections(alike, counts))
    groups = _Groups(shape)
    inner = Element("biophysicalProperties", {"id": "biophysics"})
    around = SubElement(inner, "membraneProperties")
    numbered: dict[str, int] = defaultdict(int)
    nernst = [(one, where) for one, where in membrane.densities.items() if one.reversal_mV is None]
    fixed = [each for each in membrane.densities.items() if each[0].reversal_mV is not None]
    for density, segments in (*fixed, *nernst):
        numbered[density.channel] += 1
        given = {
            "id": f"{density.channel}_{numbered[density.channel]}",
            "ionChannel": density.channel,
            "condDensity": f"{number(density.S_per_cm2)} S_per_cm2",
            "segmentGroup": groups.named(segments),
            "ion": density.ion,
        }
        if density.reversal_mV is None:
            SubElement(around, "channelDensityNernst", given)
        else:
            erev = {"erev": f"{number(density.reversal_mV)} mV"}
            SubElement(around, "channelDensity", {**given, **erev})
    SubElement(around, "spikeThresh", {"value": "0 mV"})
    for value, segments in even["cm"].items():
        given = {"value": f"{number(value)} uF_per_cm2", "segmentGroup": groups.named(segments)}
        SubElement(around, "specificCapacitance", given)
    begins_mV = model.v_init_mV(model.protocols[0])
    SubElement(around, "initMembPotential", {"value": f"{number(begins_mV)} mV"})
    inside = SubElement(inner, "intracellularProperties")
    for species, segments in membrane.species.items():
        given = {
            "id": "ca",
            "ion": "ca",
            "concentrationModel": species.pool,
            "initialConcentration": f"{number(species.inside_mM)} mM",
            "initialExtConcentration": f"{number(species.outside_mM)} mM",
            "segmentGroup": groups.named(segments),
        }
        SubElement(inside, "species", given)
    for value, segments in even["Ra"].items():
        given = {"value": f"{number(value)} ohm_cm", "segmentGroup": groups.named(segments)}
        SubElement(inside, "resistivity", given)
    made = Element("cell", {"id": model.name})
    made.append(_morphology(model, shape, groups))
    made.append(inner)
    return made, shape


def uneven_sections(alike: Iterable[list[Segment]], counts: tuple[int, ...]) -> set[int]:
    """Return the sections of which some segments have what others have not."""
    found = set[int]()
    for segments in alike:
        reached: dict[int, int] = defaultdict(int)
        for section, _ in segments:
            reached[section] += 1
        found |= {section for section, times in reached.items() if times % counts[section]}
    return found


class _Groups:
    """Sets of cables by name: regions by theirs, others numbered.

    A cable alone is a group, too: NEURON has no `forsec` of a section, which jNeuroML writes.
    """

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self.names: dict[frozenset[str], str] = {}
        self.regions = {
            name: [one for one in shape.cables if one.region in regions]
            for name, (_, regions) in _REGIONS.items()
        }
        for name, cables in self.regions.items():
            self.names.setdefault(frozenset(one.name for one in cables), name)
        self.others: dict[str, list[str]] = {}

    def named(self, segments: Iterable[Segment]) -> str:
        """Return the group of some segments, which are all those of their cables."""
        cables = dict.fromkeys(self._shape.cable_of[one] for one in segments)
        key = frozenset(cables)
        if key not in self.names:
            self.names[key] = f"group_{len(self.others) + 1}"
            self.others[self.names[key]] = [*cables]
        return self.names[key]


def _morphology(model: Model, shape: Shape, groups: _Groups) -> Element:
    made = Element("morphology", {"id": "morphology"})
    for cable in shape.cables:
        last: Frustum | None = None
        for one in cable.frusta:
            made.append(_segment(one, f"{cable.name}_{one.number}", last))
            last = one
    for cable in shape.cables:
        made.append(_cable(cable))
    for name, cables in groups.regions.items():
        if cables:
            made.append(_group(name, [one.name for one in cables], _REGIONS[name][0]))
    for name, names in groups.others.items():
        made.append(_group(name, names, ""))
    return made


def _segment(one: Frustum, name: str, last: Frustum | None) -> Element:
    made = Element("segment", {"id": str(one.number), "name": name})
    if one.parent >= 0:
        parent = SubElement(made, "parent", {"segment": str(one.parent)})
        if one.fraction != 1.0:
            parent.set("fractionAlong", number(one.fraction))
    # Within a cable a segment begins where the one before ends, unless the diameter jumps there.
    if last is None or (one.begin != last.end).any():
        SubElement(made, "proximal", _point(one.begin.tolist()))
    SubElement(made, "distal", _point(one.end.tolist()))
    return made


def _point(values: list[float]) -> dict[str, str]:
    return dict(zip(("x", "y", "z", "diameter"), map(number, values), strict=True))


def _cable(cable: Cable) -> Element:
    made = Element("segmentGroup", {"id": cable.name, "neuroLexId": _UNBRANCHED})
    given = {"tag": "numberInternalDivisions", "value": str(cable.divisions)}
    SubElement(made, "property", given)
    for one in cable.frusta:
        SubElement(made, "member", {"segment": str(one.number)})
    return made


def _group(name: str, cables: Iterable[str], mark: str) -> Element:
    made = Element("segmentGroup", {"id": name, **({"neuroLexId": mark} if mark else {})})
    for cable in cables:
        SubElement(made, "include", {"segmentGroup": cable})
    return made
