"""Segments of a cell and their groups, as NeuroML writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError, unknown
from workbench.imports.neuroml.quantities import needed, number, whole
from workbench.inputs import DEEPEST, Element
from workbench.morphology.section import FARTHEST_um
from workbench.morphology.section_tree import parents_first

UNBRANCHED = "sao864921383"
"""The neuroLexId of groups that are sections, the cables of NeuroML 1."""
_DIVISIONS = "numberInternalDivisions"


@dataclass(frozen=True, eq=False)
class Segment:
    """A frustum.

    Attributes
    ----------
    name
        What the file calls it, "" if nothing.
    parent, fraction
        The id of the segment that it grows from, -1 for the root, and where on it, 0 to 1.
    proximal, distal
        (4,) x, y, z and diameter of both ends in um.
    """

    where: str
    name: str
    parent: int
    fraction: float
    proximal: Floats
    distal: Floats


@dataclass(frozen=True)
class Group:
    """Segments by their ids, in the order in which the file names them.

    Attributes
    ----------
    element
        Of the file.
    is_section
        It is marked as a section.
    divisions
        Into how many segments of NEURON's it is cut, if the file says so.
    """

    element: Element
    members: tuple[int, ...]
    is_section: bool
    divisions: int | None


def segments_of(morphology: Element) -> dict[int, Segment]:
    """Return the segments by id, parents before children, otherwise as in the file.

    Raises
    ------
    InputError
        If they are no tree, or a point is missing.
    """
    elements: dict[int, Element] = {}
    for one in morphology.all("segment"):
        if (key := whole(one, "id")) in elements:
            raise InputError(f"{one.where}: a second segment {key}; ids are given once")
        elements[key] = one
    ids = list(elements)
    place = {key: index for index, key in enumerate(ids)}
    parents = [_parent(elements[key], elements) for key in ids]
    roots = [key for key, (parent, _) in zip(ids, parents, strict=True) if parent < 0]
    if len(roots) != 1:
        listed = ", ".join(map(str, roots[:5])) or "none"
        raise InputError(
            f"{morphology.where}: a cell is one tree, with one segment without a parent; such "
            f"segments here: {listed}"
        )
    order = parents_first([place.get(parent, -1) for parent, _ in parents])
    if len(order) < len(ids):
        lost = ids[min(set(range(len(ids))) - set(order))]
        raise InputError(
            f"{elements[lost].where}: segment {lost} is its own forefather; parents lead to the "
            "root"
        )
    found: dict[int, Segment] = {}
    for index in order:
        key, (parent, fraction) = ids[index], parents[index]
        found[key] = _segment(elements[key], parent, fraction, found)
    return found


def _parent(element: Element, known: Mapping[int, Element]) -> tuple[int, float]:
    for one in element.all("parent"):
        parent, fraction = whole(one, "segment"), number(one, "fractionAlong", 1.0)
        if parent not in known:
            raise InputError(f"{one.where}: there is no segment {parent}")
        if not 0 <= fraction <= 1:
            raise InputError(f"{one.where}: fractionAlong is {fraction:g}, and must be 0 to 1")
        return parent, fraction
    return -1, 1.0


def _segment(
    element: Element, parent: int, fraction: float, known: Mapping[int, Segment]
) -> Segment:
    ends = {tag: [_point(one) for one in element.all(tag)] for tag in ("proximal", "distal")}
    for tag, points in ends.items():
        if len(points) > 1 or (not points and (tag == "distal" or parent < 0)):
            raise InputError(f"{element.where}: a segment has one <{tag}>, this {len(points)}")
    [distal] = ends["distal"]
    if ends["proximal"]:
        [proximal] = ends["proximal"]
    else:
        on = known[parent]
        proximal = on.proximal + fraction * (on.distal - on.proximal)
    name = " ".join(element.attributes.get("name", "").split())
    return Segment(element.where, name, parent, fraction, proximal, distal)


def _point(element: Element) -> Floats:
    found = np.array([number(element, name) for name in ("x", "y", "z", "diameter")])
    if not (np.abs(found) <= FARTHEST_um).all():
        raise InputError(f"{element.where}: a number of it is beyond {FARTHEST_um:g} um")
    if not found[3] > 0:
        raise InputError(f"{element.where}: diameter is {found[3]:g} um, and must be above 0")
    return found


class Groups:
    """The groups of a morphology, with what they include.

    Raises
    ------
    InputError
        If a group names what is not there, or includes itself.
    """

    def __init__(self, morphology: Element, segments: Mapping[int, Segment]) -> None:
        self._segments = segments
        self._elements: dict[str, Element] = {}
        self._found: dict[str, tuple[int, ...]] = {}
        for one in morphology.all("segmentGroup"):
            if (name := needed(one, "id")) in self._elements:
                raise InputError(f"{one.where}: a second segmentGroup {name}; ids are given once")
            self._elements[name] = one
        self.groups = {name: self._group(name) for name in self._elements}

    def members(self, name: str, where: str) -> tuple[int, ...]:
        """Return the ids of the segments of a group; `all` is the whole cell if there is none.

        Raises
        ------
        InputError
            If there is no such group, with the place that names it.
        """
        if name in self.groups:
            return self.groups[name].members
        if name == "all":
            return tuple(self._segments)
        raise InputError(f"{where}: {unknown('segmentGroup', name, (*self.groups, 'all'))}")

    def _group(self, name: str) -> Group:
        element = self._elements[name]
        marks = [*element.all("property")]
        marks += [one for note in element.all("annotation") for one in note.all("property")]
        counts = [whole(one, "value") for one in marks if one.attributes.get("tag") == _DIVISIONS]
        if counts and not counts[-1]:
            raise InputError(f"{element.where}: {_DIVISIONS} is 0; a section has one at least")
        is_section = element.attributes.get("neuroLexId") == UNBRANCHED
        return Group(element, self._members(name, ()), is_section, counts[-1] if counts else None)

    def _members(self, name: str, within: tuple[str, ...]) -> tuple[int, ...]:
        """Return a group's segments, each once."""
        if name in self._found:
            return self._found[name]
        element = self._elements[name]
        if name in within:
            circle = " -> ".join((*within[within.index(name) :], name))
            raise InputError(f"{element.where}: groups include one another in a circle: {circle}")
        if len(within) >= DEEPEST:
            raise InputError(f"{element.where}: groups include one another {DEEPEST} levels deep")
        found: list[int] = []
        for one in element.children:
            match one.tag:
                case "member":
                    found.append(self._known(one))
                case "include":
                    other = needed(one, "segmentGroup")
                    if other not in self._elements:
                        what = unknown("segmentGroup", other, self._elements)
                        raise InputError(f"{one.where}: {what}")
                    found += self._members(other, (*within, name))
                case "path":
                    found += self._path(self._end(one, "from"), self._end(one, "to"), one.where)
                case "subTree":
                    found += self._subtree(self._end(one, "from"))
        self._found[name] = tuple(dict.fromkeys(found))
        return self._found[name]

    def _known(self, element: Element) -> int:
        if (segment := whole(element, "segment")) not in self._segments:
            raise InputError(f"{element.where}: there is no segment {segment}")
        return segment

    def _end(self, element: Element, tag: str) -> int:
        ends = element.all(tag)
        if len(ends) != 1:
            raise InputError(f"{element.where}: <{element.tag}> without <{tag}> is not read")
        return self._known(ends[0])

    def _path(self, first: int, last: int, where: str) -> list[int]:
        """Return the segments on the way from one to another that grows from it, both too."""
        way = [last]
        while way[-1] != first:
            if (parent := self._segments[way[-1]].parent) < 0:
                raise InputError(
                    f"{where}: segment {last} does not grow from segment {first}, so there is no "
                    "path"
                )
            way.append(parent)
        return way[::-1]

    def _subtree(self, root: int) -> list[int]:
        found = {root}
        for key, segment in self._segments.items():
            if segment.parent in found:
                found.add(key)
        return [key for key in self._segments if key in found]

    @cached_property
    def sections(self) -> dict[str, Group]:
        """The groups that are marked as sections, by name."""
        return {name: one for name, one in self.groups.items() if one.is_section}
