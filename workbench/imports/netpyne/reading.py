"""A cell of NetPyNE's as a study: NEURON builds it in a child, and it is copied out."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.errors import InputError, shortened, unknown
from workbench.imports.hoc.cell import built_cell, global_names, library_of, mechanism_sets
from workbench.imports.netpyne.rules import Found, Rule, SectionRule, mechanisms_of, read_rule
from workbench.imports.source import Source, only
from workbench.imports.study import STEP, Imported
from workbench.mechanisms import MechanismSet, combine
from workbench.morphology.readers.hoc import ask_neuron
from workbench.morphology.regions.named import RESERVED

_CELSIUS_degC, _V_INIT_mV = 6.3, -65.0
"""NetPyNE's own."""


def read_netpyne(source: Source) -> Imported:
    """Return the cell of a rule.

    Raises
    ------
    InputError
        If the file cannot be read, holds functions or no such rule, or a study cannot say what
        NEURON builds by it.
    """
    path = source.path
    if path.is_dir():
        path = only("JSON file", source.files(".json"), path, "name the file itself")
    found = read_rule(path, source.model)
    sets = mechanism_sets(source)
    _check(path, found.rule, sets)
    known = {name for one in combine(sets).values() for name in one.globals}
    question = {
        "secs": {name: _told(one) for name, one in found.rule.secs.items()},
        "library": library_of(sets),
        "set": {name: value for name, value in found.rule.globals.items() if name in known},
        "globals": global_names(sets),
    }
    answer = ask_neuron(path, "workbench.imports.netpyne.child", question)
    celsius_degC, v_init_mV, said = _conditions(found)
    answer |= {"celsius": celsius_degC}
    cell = built_cell(path, answer, sets, source.kinds, v_init_mV)
    names = {
        answer["sections"][old]["name"]: cell.tree.names[new] for new, old in enumerate(cell.order)
    }
    regions, left = _section_lists(found.rule, names, cell.tables.get("regions", {}))
    return Imported(
        "netpyne",
        found.label,
        f"{found.label}, a cell of NetPyNE's",
        "",
        str(path.resolve()),
        {**cell.tables, **({"regions": regions} if regions else {})},
        {"step": STEP},
        integrator={"dt_ms": 0.025},
        texts=cell.texts,
        done=["NEURON built the cell by the rule, as NetPyNE does.", *said, *cell.done],
        unsaid=[*cell.unsaid, *left, *_unsaid(found, known)],
    )


def _told(section: SectionRule) -> dict[str, Any]:
    told = section.model_dump(include={"geom", "topol", "ions"})
    geometry = {key: value for key, value in told["geom"].items() if value is not None}
    return {**told, "geom": geometry, "mechs": mechanisms_of(section)}


def _check(path: Path, rule: Rule, sets: Sequence[MechanismSet]) -> None:
    """Refuse what NetPyNE passes over or takes from elsewhere: names that are none."""
    pool = combine(sets)
    for name, section in rule.secs.items():
        where = f"{path}: secs: {name}"
        if section.topol and section.topol.parentSec not in rule.secs:
            raise InputError(f"{where}: {unknown('parentSec', section.topol.parentSec, rule.secs)}")
        for suffix, values in mechanisms_of(section).items():
            if suffix not in pool:
                raise InputError(
                    f"{where}: {unknown('mechanism', suffix, pool)}; name the folder of its .mod "
                    "file with --mechanisms FOLDER"
                )
            own = {one.name for one in pool[suffix].range_parameters}
            for key in values:
                if key not in own:
                    raise InputError(f"{where}: {unknown(f'parameter of {suffix}', key, own)}")
        for label, one in section.pointps.items():
            if one.get("vref"):
                raise InputError(
                    f"{where}: {label} is a point neuron ({one.get('mod')}), whose voltage is its "
                    "own; cells with a membrane can be imported"
                )


def _conditions(found: Found) -> tuple[float, float, list[str]]:
    """Return temperature and initial voltage, and a sentence on where they come from."""
    said, globals_ = [], found.rule.globals
    celsius_degC = found.machine.celsius
    if celsius_degC is None:
        told = globals_.get("celsius")
        celsius_degC = float(told) if isinstance(told, int | float) else _CELSIUS_degC
        whose = "the rule's" if isinstance(told, int | float) else "NetPyNE's own"
        said.append(f"The file has no simConfig.hParams.celsius: {celsius_degC:g} degC is {whose}.")
    default_mV = found.machine.v_init if found.machine.v_init is not None else _V_INIT_mV
    begins = [default_mV if one.vinit is None else one.vinit for one in found.rule.secs.values()]
    root = next((n for n, one in enumerate(found.rule.secs.values()) if not one.topol), 0)
    if len(set(begins)) > 1:
        said.append(
            f"Sections begin at {min(begins):g} to {max(begins):g} mV in the file; here all begin "
            f"at the root's {begins[root]:g} mV."
        )
    elif found.machine.v_init is None and begins[root] == _V_INIT_mV:
        said.append(f"It begins at {_V_INIT_mV:g} mV, NetPyNE's own, or as its sections say.")
    return celsius_degC, begins[root], said


def _section_lists(
    rule: Rule, names: Mapping[str, str], regions: Mapping[str, list[str]]
) -> tuple[dict[str, list[str]], list[str]]:
    """Return the named regions with the section lists, and a sentence on those that are none."""
    lists = {
        name: [names[section] for section in listed]
        for name, listed in rule.secLists.items()
        if listed and names.keys() >= set(listed) and name.isidentifier()
        if name not in {*RESERVED, *regions}
    }
    left = sorted(rule.secLists.keys() - lists.keys())
    said = [f"Section lists that are no named regions: {', '.join(left)}."] if left else []
    return {**regions, **lists}, said


def _unsaid(found: Found, known: Collection[str]) -> Iterator[str]:
    rule = found.rule
    placed = Counter(str(p.get("mod")) for one in rule.secs.values() for p in one.pointps.values())
    for kind, count in sorted(placed.items()):
        yield f"{count} {kind}: point processes and what drives them are not imported."
    if more := sorted({key for one in rule.secs.values() for key in one.model_extra or {}}):
        yield f"Of its sections {', '.join(more)} is not imported."
    given = {one.threshold for one in rule.secs.values() if one.threshold is not None}
    if given:
        told = ", ".join(f"{one:g}" for one in sorted(given))
        yield f"Spikes are sent to other cells at {told} mV: there are none here."
    if rule.conds:
        conds = ", ".join(f"{key} = {value}" for key, value in rule.conds.items())
        yield f"The rule is for cells with {shortened(conds)}."
    if idle := sorted(rule.globals.keys() - {*known, "celsius", "v_init"}):
        yield f"Variables of hoc that no mechanism here has: {', '.join(idle)}."
    if found.driven:
        yield "Stimuli and connections of the network are not imported."
