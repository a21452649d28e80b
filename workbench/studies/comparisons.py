"""Targets that compare: a difference or ratio of two features, and relations."""

import re
from collections.abc import Mapping

from workbench.errors import StudyError, unknown
from workbench.evaluations import Measure
from workbench.features import check_names, check_names_of_two, check_settings
from workbench.fitting import Objective
from workbench.protocols import Protocol
from workbench.studies.reach import check_reach, check_recorded, window_of
from workbench.studies.tables import AimTable, CompareTable, PairTable, TargetTable

_WHAT = re.compile(r"(\S+)(?: ([-/]) (\S+))?(?: ([<>]) (\S+))?")

Tables = Mapping[str, Mapping[str, TargetTable]]


def compared(table: CompareTable, protocols: Mapping[str, Protocol], tables: Tables) -> Objective:
    """Return the objective of a comparison.

    Parameters
    ----------
    protocols
        Those of the study, by name.
    tables
        The targets of the same file: how the features are measured.

    Raises
    ------
    StudyError
        If it cannot be read, or compares what the study has not.
    """
    found = _WHAT.fullmatch(table.what.strip())
    if found is None or not (found[2] or found[4]):
        raise StudyError("write 'A - B', 'A / B', 'A < B', 'A > B' or 'A < 5', with blanks between")
    first, operator, second, sign, bound = found.groups()
    if sign is None:
        if table.target is None or table.sd is not None:
            raise StudyError("a difference or ratio takes a target, [mean, SD], and no sd")
        mean, std = table.target
    else:
        if table.sd is None or table.target is not None:
            raise StudyError("a relation takes an sd, by how much it is missed, and no target")
        mean, std = _number(bound) or 0.0, table.sd
        if _number(bound) is None:
            if operator:
                raise StudyError(f"what stands right of {sign} must be a number here: {bound!r}")
            operator, second = "-", bound
    one = _measure(first, protocols, tables)
    other = _measure(second, protocols, tables) if second else None
    return Objective(
        one.protocol,
        one.location,
        one.feature,
        one.window,
        one.variable,
        one.to,
        other if operator == "-" else None,
        other if operator == "/" else None,
        mean=mean,
        std=std,
        weight=table.weight,
        side="" if sign is None else "below" if sign == "<" else "above",
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _measure(text: str, protocols: Mapping[str, Protocol], tables: Tables) -> Measure:
    match text.split("."):
        case [name, location, feature]:
            to = ""
        case [name, location, "to", to, feature]:
            pass
        case _:
            raise StudyError(
                f"{text!r} is no feature; write <protocol>.<recording>.<feature>, or "
                "<protocol>.<recording>.to.<recording>.<feature>"
            )
    if name not in protocols:
        raise StudyError(unknown("protocol", name, protocols))
    protocol = protocols[name]
    said = tables.get(name, {}).get(location, TargetTable())
    table: AimTable = said.to.get(to, PairTable(features={})) if to else said
    check_recorded(protocol, table.variable, location, to)
    window = window_of(protocol, table)
    if to:
        check_names_of_two([feature])
    else:
        check_names([feature])
        check_settings(window.settings)
        check_reach([feature], window, protocol)
    return Measure(name, location, feature, window, table.variable, to)
