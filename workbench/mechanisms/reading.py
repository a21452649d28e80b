"""Folders of .mod files to `MechanismSet` values."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.caching import recall
from workbench.errors import MechanismError, unknown
from workbench.mechanisms.builtin import BUILT_IN
from workbench.mechanisms.mechanism import Kind, Mechanism, MechanismSet, Parameter
from workbench.nmodl import (
    Ion,
    ModFile,
    Node,
    Parsed,
    Sources,
    find_folder,
    parse,
    read_sources,
    shipped_mechanisms,
)
from workbench.nmodl.folders import cache_file, store
from workbench.nmodl.including import place
from workbench.nmodl.modfile import arguments

# Part of the cache's file names: raise it whenever the fields of Mechanism change.
_FORMAT = "5"
_KINDS: Mapping[str, Kind] = {
    "SUFFIX": "density",
    "POINT_PROCESS": "point",
    "ARTIFICIAL_CELL": "artificial",
}
# Names that NEURON itself fills, even where an old file lists them under PARAMETER.
_GIVEN = {"v", "t", "dt", "celsius", "area", "diam"}


def read_mechanisms(folder: Path | str) -> MechanismSet:
    """Read the .mod files of a folder.

    Parameters
    ----------
    folder
        A path, or the name of a folder that ships with the workbench; a path wins.

    Raises
    ------
    MechanismError
        If there is no such folder, it holds no .mod file or one with a name that no compiler
        should see, or a file cannot be parsed (with file, line and the parser's own words) or
        includes what is not there or lies elsewhere.
    """
    path = find_folder(folder)
    sources = read_sources(path)
    known = _remember(sources)
    mechanisms = _parse(path, sources) if known is None else known
    return MechanismSet(path.name, path, sources, mechanisms)


def set_of(suffix: str, folder: str | None = None) -> MechanismSet | None:
    """Return the set with a density or point mechanism; None for NEURON's own.

    Parameters
    ----------
    folder
        A folder or the name of a set; by default the sets that ship are looked at.

    Raises
    ------
    MechanismError
        If nobody has it.
    """
    names = shipped_mechanisms() if folder is None else [folder]
    sets = {m.suffix: one for one in map(read_mechanisms, names) for m in one.mechanisms}
    own = {name for name, one in BUILT_IN.items() if one.kind in ("density", "point")}
    if suffix not in sets and suffix not in own:
        raise MechanismError(unknown("mechanism", suffix, {*sets, *own}))
    return sets.get(suffix)


def _remember(sources: Sources) -> tuple[Mechanism, ...] | None:
    return recall(cache_file(sources, _FORMAT), lambda found: tuple(map(_mechanism, found)))


def _parse(path: Path, sources: Sources) -> tuple[Mechanism, ...]:
    files = parse(path, sources)
    broken = [complaint for one in files if (complaint := _complaint(path, one))]
    if broken:
        raise MechanismError("\n".join(broken))
    found = (one.declared for one in files if one.declared and one.declared.suffix != "nothing")
    declared = tuple(map(_declared, found))
    store(cache_file(sources, _FORMAT), [asdict(mechanism) for mechanism in declared])
    return declared


def _complaint(folder: Path, one: Parsed) -> str:
    """Return "file:line: what is wrong", or nothing."""
    if one.declared is None:
        if not one.line:
            return f"{folder / one.name}: {one.error}"
        file, line = place(one.text, one.line)
        return f"{folder / (file or one.name)}:{line}: {one.error}"
    if one.declared.header is None:
        return f"{folder / one.name}: no NEURON block, so the mechanism has no SUFFIX"
    if not one.declared.suffix:
        return (
            f"{folder / one.name}: the NEURON block has no SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL"
        )
    return ""


def _declared(file: ModFile) -> Mechanism:
    given = _GIVEN.union(*((*ion.reads, *ion.writes) for ion in file.ions))
    settable = [node for name, node in file.parameters.items() if name not in given]
    parameters = [_parameter(file, node) for node in settable]
    return Mechanism(
        suffix=file.suffix,
        kind=_KINDS[file.kind],
        file=file.name,
        range_parameters=tuple(p for p in parameters if p.name in file.ranges),
        global_parameters=tuple(p for p in parameters if p.name not in file.ranges),
        states=tuple(file.states),
        assigned=tuple(variable for variable in file.assigned if variable in file.ranges),
        ions=file.ions,
        nonspecific_currents=tuple(file.named("NonspecificCurVar")),
        electrode_currents=tuple(file.named("ElectrodeCurVar")),
        receives=None if (receiving := _receiving(file)) is None else tuple(arguments(receiving)),
        weight_unit=_weight_unit(receiving),
    )


def _receiving(file: ModFile) -> Node | None:
    for block in file.blocks:
        if block.kind == "NetReceiveBlock" and any(b.children for b in block.all("StatementBlock")):
            return block
    return None


def _weight_unit(receiving: Node | None) -> str:
    given = [node for node in receiving.children if node.kind == "Argument"] if receiving else []
    units = [child for node in given[:1] for child in node.children if child.kind == "Unit"]
    return units[0].text.strip("() ") if units else ""


def _parameter(file: ModFile, node: Node) -> Parameter:
    values = [child for child in node.children if child.kind in ("Double", "Float", "Integer")]
    units = [child for child in node.children if child.kind == "Unit"]
    default = file.number(values[0]) if values and "=" in node.text else 0.0
    return Parameter(node.name, default, units[0].text.strip("() ") if units else "")


def _mechanism(fields: Mapping[str, Any]) -> Mechanism:
    parts: dict[str, Any] = {
        "range_parameters": _parameters(fields["range_parameters"]),
        "global_parameters": _parameters(fields["global_parameters"]),
        "ions": tuple(
            Ion(ion["name"], tuple(ion["reads"]), tuple(ion["writes"]), ion["charge"])
            for ion in fields["ions"]
        ),
    }
    lists = ("states", "assigned", "nonspecific_currents", "electrode_currents")
    parts["receives"] = None if fields["receives"] is None else tuple(fields["receives"])
    return Mechanism(**{**fields, **{name: tuple(fields[name]) for name in lists}, **parts})


def _parameters(found: Iterable[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    return tuple(Parameter(**one) for one in found)
