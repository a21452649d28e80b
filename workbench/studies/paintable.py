"""Which variables the sections of a cell have, by what is inserted in them."""

from collections.abc import Iterable, Mapping

from workbench.mechanisms import Mechanism
from workbench.morphology import REGIONS, Morphology

SHOWN = 3
"""Sections of many that a message names."""


class Paintable:
    """What can be painted where.

    Parameters
    ----------
    inserted
        By region, the suffixes of mechanisms.
    pool
        All mechanisms, by suffix.
    """

    def __init__(
        self,
        morphology: Morphology,
        inserted: Mapping[str, Iterable[str]],
        pool: Mapping[str, Mechanism],
    ) -> None:
        self._morphology, self._inserted, self._pool = morphology, inserted, pool
        carried: list[set[str]] = [set() for _ in morphology.sections]
        for region, suffixes in inserted.items():
            for index in morphology.indices(region):
                carried[index].update(suffixes)
        ions = {ion.name for mechanism in pool.values() for ion in mechanism.ions}
        self._of_ions = {name for ion in ions for name in (f"e{ion}", f"{ion}i", f"{ion}o")}
        known = {one: self._variables(one) for one in map(frozenset, carried)}
        self._there = [known[frozenset(suffixes)] for suffixes in carried]

    def variables(self, region: str) -> set[str]:
        """Return what some section of a region has, or might have if there were any."""
        sections = self._morphology.indices(region)
        might = {"all", region} if sections or region in REGIONS else self._inserted.keys()
        own = [suffix for one in might for suffix in self._inserted.get(one, ())]
        return self._variables(own).union(*(self._there[index] for index in sections))

    def lacking(self, region: str, variable: str) -> str:
        """Return the sections of a region that do not have a variable, in words; none is empty.

        Variables of an ion are those of the sections that have the ion; one is enough.
        """
        cell = self._morphology
        sections = cell.indices(region)
        without = [index for index in sections if variable not in self._there[index]]
        if not without or (variable in self._of_ions and len(without) < len(sections)):
            return ""
        kinds = [one for one in REGIONS if {*without} & {*cell.indices(one)}]
        if region == "all" and {*without} == {i for one in kinds for i in cell.indices(one)}:
            return f"the {', '.join(kinds)} sections"
        shown = [cell.names[index] for index in without[:SHOWN]]
        more = [f"{len(without) - SHOWN} more"] if len(without) > SHOWN else []
        return f"{', '.join([*shown, *more])} of the {len(sections)} {region} sections"

    def _variables(self, inserted: Iterable[str]) -> set[str]:
        """Return the variables of a section that carries these mechanisms."""
        found = set(self._pool["cable"].parameters)
        for mechanism in (self._pool[suffix] for suffix in inserted):
            found |= mechanism.parameters.keys()
            for ion in mechanism.ions:
                known = self._pool.get(f"{ion.name}_ion")
                found |= {f"e{ion.name}"} if known is None else known.parameters.keys()
        return found
