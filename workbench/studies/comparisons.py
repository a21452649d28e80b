"""Targets that compare: a difference or ratio of two features, and relations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, Self

from workbench.errors import StudyError, unknown
from workbench.evaluations import Measure, check_found
from workbench.features import Window, check_names, check_names_of_two, check_settings
from workbench.fitting import Objective
from workbench.protocols import FOUND, Protocol
from workbench.studies.reach import check_reach, check_recorded, window_of
from workbench.studies.tables import AimTable, CompareTable, PairTable, TargetTable

_WHAT = re.compile(r"(\S+)(?: ([-/]) (\S+))?(?: ([<>]) (\S+))?")

_SIDES: Mapping[str, Literal["", "below", "above"]] = {"": "", "<": "below", ">": "above"}

Tables = Mapping[str, Mapping[str, TargetTable]]


@dataclass(frozen=True)
class Comparison:
    """A comparison as it is written: `A - B`, `A / B > 5`; a feature alone is one of itself.

    Attributes
    ----------
    terms
        The features that are written, one or two.
    operator
        What stands between them: `-`, `/`, or nothing.
    sign, bound
        Of a relation, `<` or `>` and what stands right of it.
    """

    terms: tuple[str, ...]
    operator: str = ""
    sign: str = ""
    bound: str = ""

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what a text means, None if it is no comparison."""
        found = _WHAT.fullmatch(text.strip())
        if found is None:
            return None
        first, operator, second, sign, bound = (group or "" for group in found.groups())
        return cls((first, second) if second else (first,), operator, sign, bound)

    def of(self, first: Measure, second: Measure | None = None) -> Measure:
        """Return the measure of what its terms mean."""
        minus, over = (second if self.operator == one else None for one in "-/")
        return replace(first, minus=minus, over=over)


class Term(NamedTuple):
    """A feature as it is written: `<protocol>.<recording>.<feature>`; `to` is of two recordings."""

    protocol: str
    location: str
    to: str
    feature: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the feature that a text names.

        Raises
        ------
        StudyError
            If it names none.
        """
        match text.split("."):
            case [protocol, location, feature]:
                return cls(protocol, location, "", feature)
            case [protocol, location, "to", to, feature]:
                return cls(protocol, location, to, feature)
        raise StudyError(
            f"{text!r} is no feature; write <protocol>.<recording>.<feature>, or "
            "<protocol>.<recording>.to.<recording>.<feature>"
        )

    def measure(self, protocol: Protocol, window: Window, variable: str) -> Measure:
        """Return what is measured in a window, if the protocol records it and cells can have it.

        Raises
        ------
        InputError
            If not.
        """
        check_recorded(protocol, variable, self.location, self.to)
        if self.to:
            check_names_of_two([self.feature])
        elif self.feature not in FOUND:
            check_names([self.feature])
            check_settings(window.settings)
            check_reach([self.feature], window, protocol)
        one = Measure(protocol.name, self.location, self.feature, window, variable, self.to)
        check_found(one, protocol)
        return one


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
    asked = Comparison.read(table.what)
    if asked is None or not (asked.operator or asked.sign):
        raise StudyError("write 'A - B', 'A / B', 'A < B', 'A > B' or 'A < 5', with blanks between")
    if not asked.sign:
        if table.target is None or table.sd is not None:
            raise StudyError("a difference or ratio takes a target, [mean, SD], and no sd")
        mean, std = table.target
    else:
        if table.sd is None or table.target is not None:
            raise StudyError("a relation takes an sd, by how much it is missed, and no target")
        mean, std = _number(asked.bound) or 0.0, table.sd
        if _number(asked.bound) is None:
            if asked.operator:
                raise StudyError(
                    f"what stands right of {asked.sign} must be a number here: {asked.bound!r}"
                )
            asked = replace(asked, terms=(*asked.terms, asked.bound), operator="-")
    one = asked.of(*(_measure(term, protocols, tables) for term in asked.terms))
    return Objective(
        one.protocol,
        one.location,
        one.feature,
        one.window,
        one.variable,
        one.to,
        one.minus,
        one.over,
        mean=mean,
        std=std,
        weight=table.weight,
        side=_SIDES[asked.sign],
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _measure(text: str, protocols: Mapping[str, Protocol], tables: Tables) -> Measure:
    term = Term.read(text)
    if term.protocol not in protocols:
        raise StudyError(unknown("protocol", term.protocol, protocols))
    protocol = protocols[term.protocol]
    said = tables.get(term.protocol, {}).get(term.location, TargetTable())
    table: AimTable = said.to.get(term.to, PairTable(features={})) if term.to else said
    return term.measure(protocol, window_of(protocol, table), table.variable)
