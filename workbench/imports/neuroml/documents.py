"""The files of a model, a cell's and those that it includes, and which cell is meant."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InputError, shortened, unknown
from workbench.imports.neuroml.quantities import needed
from workbench.inputs import DEEPEST, Element, xml

_NAMESPACE = "http://www.neuroml.org/schema/neuroml2"
_READ = (
    "membraneProperties",
    "intracellularProperties",
    "channel",
    "spikeThresh",
    "specificCapacitance",
    "initMembPotential",
    "resistivity",
    "species",
    "notes",
    "annotation",
    "property",
)
"""Beginnings of the elements of the biophysics that are read, or say nothing of it."""
_NO_CELL = "what can be imported is a <cell> with its morphology and its biophysicalProperties"


@dataclass(frozen=True)
class Model:
    """A cell and what its file and the included ones define.

    Attributes
    ----------
    name
        The cell's id.
    morphology, membrane, inside
        These elements; `inside` are the intracellularProperties.
    channels
        Ion channels, by id.
    networks
        The ids of networks in the cell's file, which are no part of the cell.
    unread
        Elements of the biophysics that no study has.
    """

    name: str
    morphology: Element
    membrane: Element
    inside: Element
    channels: Mapping[str, Element]
    networks: tuple[str, ...]
    unread: tuple[Element, ...]


def read_model(path: Path, name: str | None) -> Model:
    """Return the cell of a file.

    Parameters
    ----------
    name
        The cell's id, where there are several.

    Raises
    ------
    InputError
        If a file cannot be read or is none of NeuroML 2, files include one another in a circle, or
        there is no such cell.
    """
    files: dict[Path, Element] = {}
    _read(path, path.parent, (), files)
    everything = [one for root in files.values() for one in root.children]
    cell = _cell(path, files, name)
    if not needed(cell, "id").isidentifier():
        given = shortened(repr(needed(cell, "id")))
        raise InputError(f"{cell.where}: the cell's id is {given}; take letters, digits and _")
    biophysics = _part(cell, "biophysicalProperties", everything)
    membrane = _part(biophysics, "membraneProperties", [])
    inside = _part(biophysics, "intracellularProperties", [])
    return Model(
        cell.attributes["id"],
        _part(cell, "morphology", everything),
        membrane,
        inside,
        {needed(one, "id"): one for one in everything if one.tag.startswith("ionChannel")},
        tuple(one.attributes.get("id", "?") for one in files[path.resolve()].all("network")),
        tuple(
            one
            for element in (biophysics, membrane, inside)
            for one in element.children
            if not one.tag.startswith(_READ)
        ),
    )


def _read(path: Path, folder: Path, opened: tuple[Path, ...], found: dict[Path, Element]) -> None:
    """Add a file's root and those of all that it includes, each file once."""
    whole = path.resolve()
    if whole in opened:
        names = " -> ".join(one.name for one in (*opened[opened.index(whole) :], whole))
        raise InputError(f"{path}: files include one another in a circle: {names}")
    if whole in found:
        return
    if not whole.is_relative_to(folder.resolve()):
        raise InputError(f"{path} is included and lies outside of {folder}; put it there")
    if len(opened) >= DEEPEST:
        raise InputError(f"{path}: files include one another {DEEPEST} levels deep")
    found[whole] = root = xml(path)
    _check_root(path, root)
    for one in root.all("include"):
        given = needed(one, "href")
        if "://" in given:
            raise InputError(
                f"{one.where}: {shortened(given)} is included, and nothing is fetched; put the "
                "file beside this one and name it so"
            )
        try:
            _read(path.parent / given, folder, (*opened, whole), found)
        except InputError as error:
            raise InputError(f"{error} (included in {one.where})") from None


def _check_root(path: Path, root: Element) -> None:
    if root.tag == "Lems":
        raise InputError(
            f"{path} is a LEMS file, which says how a model is run; give the file of its cell, "
            "FILE.cell.nml"
        )
    if root.tag != "neuroml" or root.namespace != _NAMESPACE:
        old = "neuroml" in f"{root.tag}{root.namespace}"
        raise InputError(
            f"{path} begins with <{shortened(root.tag)}> of the namespace "
            f"{shortened(root.namespace)!r}, and not with <neuroml> of {_NAMESPACE}"
            + "; it is of NeuroML 1, convert it to NeuroML 2 first"
            * old
        )


def _cell(path: Path, files: Mapping[Path, Element], name: str | None) -> Element:
    found = {needed(one, "id"): one for root in files.values() for one in root.all("cell")}
    if name is not None:
        if name not in found:
            raise InputError(f"{path}: {unknown('cell', name, found)}")
        return found[name]
    own = files[path.resolve()]
    if (networks := own.all("network")) and not own.all("cell"):
        there = ", ".join(one.where.rpartition(":")[0] for one in found.values())
        raise InputError(
            f"{networks[0].where}: this is a network; give the file of one of its cells"
            + f": {there}" * bool(there)
        )
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise InputError(
            f"{path}: there are the cells {', '.join(sorted(found))}; name one with --model"
        )
    others = sorted(
        {one.tag for one in own.children if one.tag.lower().endswith(("cell", "pools"))}
    )
    held = f"it has {', '.join(others)}" if others else "there is none"
    raise InputError(f"{path}: {held}, and {_NO_CELL}")


def _part(element: Element, tag: str, elsewhere: list[Element]) -> Element:
    """Return a part of an element, which may stand elsewhere under the id that it names."""
    inside = element.all(tag)
    if len(inside) == 1:
        return inside[0]
    if inside:
        raise InputError(f"{inside[1].where}: a second <{tag}>; there is one")
    known = {needed(one, "id"): one for one in elsewhere if one.tag == tag}
    if tag not in element.attributes:
        raise InputError(f"{element.where}: <{element.tag}> has no <{tag}>, and {_NO_CELL}")
    if element.attributes[tag] not in known:
        raise InputError(f"{element.where}: {unknown(tag, element.attributes[tag], known)}")
    return known[element.attributes[tag]]
