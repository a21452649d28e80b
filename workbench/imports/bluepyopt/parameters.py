"""The parameters of an evaluator's cell, with their scalers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import InputError, unknown
from workbench.imports.bluepyopt.objects import Told, check
from workbench.imports.bluepyopt.problem import GROUPS, Given, Painted
from workbench.imports.bluepyopt.synapses import Synapses

_PAINTED = ("NrnSectionParameter", "NrnRangeParameter")
_SCALERS = (
    *("NrnSegmentLinearScaler", "NrnSegmentSomaDistanceScaler"),
    *("NrnSegmentSomaDistanceStepScaler", "NrnSegmentSectionDistanceScaler"),
)
_SHARED, _CONSTANT, _GLOBAL = "NrnMetaListEqualParameter", "MetaParameter", "NrnGlobalParameter"
_PLACED = "NrnPointProcessParameter"


@dataclass
class Parameters:
    """What is painted and set, as BluePyOpt would, one after the other.

    Attributes
    ----------
    file
        For messages.
    free
        Names of the parameters that the evaluator takes.
    synapses
        The cell's point processes, which get their parameters.
    conditions
        Values of `global` parameters.
    groups
        The lists of sections of parameters that have several, by a name.
    constants
        Of distributions, by their names.
    names
        The study's names of parameters by BluePyOpt's.
    """

    file: Path
    free: frozenset[str]
    synapses: Synapses
    painted: list[Painted] = field(default_factory=list)
    conditions: dict[str, Given] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    constants: dict[str, dict[str, Given]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    _scalers: dict[int, str] = field(default_factory=dict)
    _values: dict[str, Given] = field(default_factory=dict)

    def read(self, parameters: Mapping[str, Told]) -> None:
        """Read the parameters of a cell.

        Raises
        ------
        InputError
            If one is of a kind that a study has not.
        """
        for name, told in parameters.items():
            known = (_GLOBAL, *_PAINTED, _CONSTANT, _SHARED, _PLACED)
            check(self.file, f"parameter {name}", told, *known)
        self._values = {name: self._entry(told) for name, told in parameters.items()}
        painted = [one for told in parameters.values() for one in self._sharing(told)]
        for told in (one for one, _, _ in painted):
            self._name(told)
        for told in parameters.values():
            if told["type"] == _SHARED:
                self.names[told["name"]] = self.names[told["sub_parameters"][0]["name"]]
            elif told["type"] == _CONSTANT:
                self._constant(told)
            elif told["type"] == _PLACED:
                self._placed(told)
            elif told["type"] == _GLOBAL:
                self.conditions[told["param_name"]] = self._entry(told)
                self.names[told["name"]] = told["param_name"]
        self.painted += [self._painted(*one) for one in painted]

    def renamed(self) -> Iterator[str]:
        """Yield the free parameters that a study calls otherwise."""
        for theirs, ours in self.names.items():
            if theirs in self.free and theirs != ours:
                yield f"`{theirs}` is `{ours}`"

    def _sharing(self, told: Told) -> Iterator[tuple[Told, Given, str]]:
        """Yield each painted parameter with its value, and the name of the one that shares it."""
        if told["type"] in _PAINTED:
            yield told, self._entry(told), ""
        elif told["type"] == _SHARED:
            first = ""
            for part in told["sub_parameters"]:
                check(self.file, f"a part of parameter {told['name']}", part, *_PAINTED)
                yield part, self._entry(told), first
                first = first or part["name"]

    def _entry(self, told: Told) -> Given:
        where = f"{self.file}: parameter {told['name']}"
        if told["name"] in self.free and not told["frozen"]:
            if told["bounds"] is None:
                raise InputError(f"{where}: it is free and has no bounds; give it some")
            low, high = told["bounds"]
            return [float(low), float(high)]
        if told["value"] is None:
            raise InputError(f"{where}: it has no value and is none of the evaluator's param_names")
        return float(told["value"])

    def _name(self, told: Told) -> None:
        what = f"parameter {told['name']}"
        for place in told["locations"] or [None]:
            check(self.file, f"a location of {what}", place, "NrnSeclistLocation")
        self.names[told["name"]] = f"{told['param_name']}.{self._sections(told)}"

    def _sections(self, told: Told) -> str:
        """Return a section list; where there are several, the name of the group."""
        lists = tuple(dict.fromkeys(one["seclist_name"] for one in told["locations"]))
        if "all" in lists:
            return "all"
        own = told["name"].removeprefix(f"{told['param_name']}.")
        if len(lists) == 1 and own not in GROUPS:
            return str(lists[0])
        given = own.isidentifier() and own not in (told["name"], *lists)
        name = own if given and self.groups.get(own, lists) == lists else "_".join(lists)
        self.groups[name] = lists
        return name

    def _placed(self, told: Told) -> None:
        """Give the point processes of a parameter its value; what is free is that of the first."""
        entry, name = self._entry(told), told["param_name"]
        for place in self.synapses.places(f"parameter {told['name']}", told["locations"]):
            self.synapses.tables[place].setdefault("parameters", {})[name] = entry
            first = self.names.setdefault(told["name"], f"{name}.{place}")
            entry = first if isinstance(entry, list) else entry

    def _constant(self, told: Told) -> None:
        check(self.file, f"what parameter {told['name']} sets", told["obj"], *_SCALERS)
        scaler, constant = told["obj"], told["attr_name"]
        if constant not in (scaler.get("dist_param_names") or ()):
            raise InputError(
                f"{self.file}: parameter {told['name']} sets {constant} of a scaler, which is none "
                "of its dist_param_names"
            )
        distribution = self._scaler(scaler, told["name"])
        self.constants.setdefault(distribution, {})[constant] = self._entry(told)
        self.names[told["name"]] = f"{constant}.{distribution}"

    def _scaler(self, scaler: Told, otherwise: str) -> str:
        """Return the name of a distribution, one for each scaler."""
        given = str(scaler.get("name") or "")
        name = given if given.isidentifier() else re.sub(r"\W+", "_", otherwise)
        taken, number, first = set(self._scalers.values()), 2, name
        while name in taken and scaler["id"] not in self._scalers:
            name, number = f"{first}_{number}", number + 1
        return self._scalers.setdefault(scaler["id"], name)

    def _painted(self, told: Told, entry: Given, sharing: str) -> Painted:
        variable, _, sections = self.names[told["name"]].partition(".")
        value = self.names[sharing] if sharing and isinstance(entry, list) else entry
        scaler, what = told["value_scaler"], f"parameter {told['name']}"
        check(self.file, f"the scaler of {what}", scaler, *_SCALERS)
        if scaler["type"] == "NrnSegmentLinearScaler" and isinstance(value, float):
            value = value * scaler["multiplier"] + scaler["offset"]
            return Painted(variable, sections, value)
        distribution = self._distribution(told, what)
        if isinstance(value, float | str):
            return Painted(variable, sections, value, None, distribution)
        return Painted(variable, sections, None, (value[0], value[1]), distribution)

    def _distribution(self, told: Told, what: str) -> tuple[str, str] | None:
        """Return name and text of a distribution, None if values are as they are."""
        scaler = told["value_scaler"]
        if scaler["type"] == "NrnSegmentLinearScaler":
            if (scaler["multiplier"], scaler["offset"]) == (1, 0):
                return None
            text = f"{scaler['multiplier']!r} * {{value}} + ({scaler['offset']!r})"
            return self._scaler(scaler, "linear"), text
        if told["type"] == "NrnSectionParameter":
            raise InputError(
                f"{self.file}: {what}: a NrnSectionParameter has one value for a section, which no "
                "scaler by distance gives; make it a NrnRangeParameter"
            )
        origin = f"{scaler['ref_section']}({scaler['ref_location']:g})"
        if origin != "soma[0](0.5)":
            raise InputError(
                f"{self.file}: {what}: its scaler counts distances from {origin}; a study counts "
                "them from soma(0.5)"
            )
        text = scaler["distribution"]
        for key in ("step_begin", "step_end"):
            if scaler.get(key) is not None:
                text = text.replace(f"{{{key}}}", f"({scaler[key]!r})")
        name = self._scaler(scaler, "scaled")
        self._complete(told, name, what)
        return name, text

    def _complete(self, told: Told, distribution: str, what: str) -> None:
        """Add the parameters on which a scaler depends to the constants of its distribution."""
        found = self.constants.setdefault(distribution, {})
        for constant in told["value_scaler"]["dist_param_names"] or ():
            if constant not in found:
                raise InputError(f"{self.file}: {what}: no parameter sets {constant} of its scaler")
        for other in told["param_dependencies"]:
            if other not in self.names:
                raise InputError(f"{self.file}: {what}: {unknown('parameter', other, self.names)}")
            if f"{{{other}}}" in told["value_scaler"]["distribution"]:
                value = self._values[other]
                found[other] = self.names[other] if isinstance(value, list) else value
