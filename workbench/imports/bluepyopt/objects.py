"""BluePyOpt's objects as the child tells of them, see `child.py`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.morphology import REGIONS

Told = Mapping[str, Any]

_ARRAYS = {"somatic": "soma", "basal": "dend", "apical": "apic", "axonal": "axon"}


def check(file: Path, what: str, told: Any, *types: str) -> None:
    """Refuse an object that is none of some of BluePyOpt's classes, or has code of its own.

    Parameters
    ----------
    what
        It is, for the message.

    Raises
    ------
    InputError
        With what it is and what is known.
    """
    allowed = f"known are BluePyOpt's {', '.join(types)}"
    if not isinstance(told, Mapping) or "type" not in told:
        raise InputError(f"{file}: {what} is {told!r}; {allowed}")
    if told["type"] not in types:
        raise InputError(f"{file}: {what} is a {told['kind']}, which no study can say; {allowed}")
    if told["own"]:
        raise InputError(
            f"{file}: {what} is a {told['kind']}, whose {' and '.join(told['own'])} no study can "
            f"say; {allowed}"
        )


def site_of(file: Path, what: str, told: Any) -> str:
    """Return a place on the cell as a study writes it.

    Raises
    ------
    InputError
        If it cannot.
    """
    known = ("NrnSeclistCompLocation", "NrnSectionCompLocation", "NrnSomaDistanceCompLocation")
    check(file, f"the location of {what}", told, *known)
    if told["type"] == "NrnSomaDistanceCompLocation":
        return f"{told['seclist_name']}@{told['soma_distance']:g}um last"
    section = told.get("sec_name")
    if section is None:
        sections, index = told["seclist_name"], told["sec_index"]
        if sections == "all" and index == 0:
            sections = "somatic"
        if sections not in _ARRAYS:
            raise InputError(
                f"{file}: the location of {what} is section {index} of {sections}; sections are "
                f"numbered in {', '.join(REGIONS)}"
            )
        section = f"{_ARRAYS[sections]}[{index}]"
    return f"{'soma' if section == 'soma[0]' else section}({told['comp_x']:.10g})"
