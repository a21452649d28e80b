"""Rules for cells in a file of NetPyNE's: what NEURON can be told of them, as plain numbers.

Dura-Bernal et al. 2019, eLife 8:e44494, describe the format. Texts in the place of numbers are
functions that NetPyNE evaluates for each cell that it makes; nothing of them is run here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from workbench.errors import InputError, shortened, unknown
from workbench.imports.source import Foreign, tables

_DIPOLE = "dipole"


def _number(given: Any) -> Any:
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, str):
            raise ValueError(
                f"is {shortened(one)!r}, a function that NetPyNE evaluates for each cell; it is "
                "not run, so write a number in its place"
            )
    return given


Number = Annotated[float, BeforeValidator(_number)]
Values = Annotated[float | list[float | None] | None, BeforeValidator(_number)]


class Geometry(Foreign, extra="forbid"):
    """A section's cable: um, ohm cm, uF/cm2; rows x, y, z, diameter of its points."""

    L: Number | None = Field(default=None, gt=0)
    diam: Number | None = Field(default=None, gt=0)
    Ra: Number | None = Field(default=None, gt=0)
    cm: Number | None = Field(default=None, ge=0)
    nseg: int | None = Field(default=None, gt=0, le=32767)
    pt3d: list[tuple[float, float, float, float]] = Field(default_factory=list)


class Topology(Foreign):
    """Where a section hangs."""

    parentSec: str
    parentX: float = Field(default=1.0, ge=0, le=1)
    childX: float = Field(default=0.0, ge=0, le=1)


class SectionRule(Foreign, extra="allow"):
    """A section."""

    geom: Geometry = Geometry()
    topol: Annotated[Topology | None, BeforeValidator(lambda given: given or None)] = None
    mechs: dict[str, dict[str, Values]] = Field(default_factory=dict)
    ions: dict[str, dict[str, Values]] = Field(default_factory=dict)
    pointps: dict[str, dict[str, Any]] = Field(default_factory=dict)
    vinit: Annotated[
        Number | None, BeforeValidator(lambda given: None if given == {} else given)
    ] = None
    threshold: Number | None = None


class Rule(Foreign):
    """A cell."""

    secs: dict[str, SectionRule] = Field(min_length=1)
    secLists: dict[str, list[str]] = Field(default_factory=dict)
    conds: dict[str, Any] = Field(default_factory=dict)
    globals: dict[str, Any] = Field(default_factory=dict)


class Machine(Foreign):
    """What holds for all cells: degrees Celsius, mV."""

    celsius: Number | None = None
    v_init: Number | None = None


class Found(Foreign):
    """A rule with its label, and what the file says beside it."""

    label: str
    rule: Rule
    machine: Machine = Machine()
    driven: bool = False


def read_rule(path: Path, asked: str | None) -> Found:
    """Return the rule that was asked for; if nobody asked, the only one that makes a cell.

    Raises
    ------
    InputError
        If the file cannot be read, holds no such rule, or a choice.
    """
    found: Found = tables(path, Found, lambda written: _chosen(path, written, asked))
    return found


def _chosen(path: Path, written: Any, asked: str | None) -> dict[str, Any]:
    """Return the tables of one rule, wherever NetPyNE has put it."""
    whole = written if isinstance(written, dict) else {}
    params = _below(whole, "net", "params") or _below(whole, "netParams") or whole
    rules = _below(params, "cellParams") or ({path.stem: whole} if "secs" in whole else {})
    cells = {name: one for name, one in rules.items() if isinstance(one, dict) and "secs" in one}
    if not cells:
        raise InputError(
            f"{path}: there is no rule for a cell with sections in it, neither below "
            "net.params.cellParams nor cellParams nor secs; netParams.save(FILE) writes such files"
        )
    if asked is None and len(cells) > 1:
        raise InputError(f"{path} holds several cells; name one: --model {' or '.join(cells)}")
    label = next(iter(cells)) if asked is None else asked
    if label not in cells:
        raise InputError(f"{path}: {unknown('model', label, cells)}")
    machine = _below(whole, "simConfig", "hParams")
    driven = any(params.get(key) for key in ("stimSourceParams", "connParams", "subConnParams"))
    return {"label": label, "rule": cells[label], "machine": machine, "driven": driven}


def _below(tables: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        found = tables.get(key)
        tables = found if isinstance(found, dict) else {}
    return dict(tables)


def mechanisms_of(section: SectionRule) -> dict[str, dict[str, Any]]:
    """Return a section's mechanisms but for the dipole, which records and has no current."""
    return {suffix: values for suffix, values in section.mechs.items() if suffix != _DIPOLE}
