"""Targets and protocols added to those of a study: of another electrode, or another file."""

from collections.abc import Mapping
from typing import Any

from workbench.errors import InputError, shortened

_DIGITS = 9
"""To which times and currents agree that are means of the same over other sweeps."""


def added_targets(there: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables of targets.toml with others beside them.

    Raises
    ------
    InputError
        If both have targets of one recording.
    """
    found = dict(there)
    for protocol, places in more.items():
        old = _table(found, protocol)
        both = sorted(set(places) & set(old))
        if both:
            raise InputError(
                f"{protocol}.{both[0]} has targets already; of another place on the cell say "
                "where: --recording dend=apical@400um"
            )
        found[protocol] = {**old, **places}
    return found


def added_protocols(there: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables of protocols.toml with others beside them; of one that both have, recordings.

    Raises
    ------
    InputError
        If two of one name do something else to the cell, or call two places the same.
    """
    found = dict(there)
    for name, table in more.items():
        old = _table(found, name) or table
        if _done(old) != _done(table):
            raise InputError(
                f"protocol {name} is there already, with another duration or other stimuli; write "
                "to another file"
            )
        known = _table(old, "recordings")
        places = {**table["recordings"], **known}
        if any(places[key] != site for key, site in table["recordings"].items()):
            raise InputError(
                f"protocol {name}: its recordings are {known} already, and "
                f"{table['recordings']} call another place the same; name it otherwise"
            )
        found[name] = {**old, "recordings": places}
    return found


def _table(tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = tables.get(name, {})
    if not isinstance(found, Mapping):
        raise InputError(f"{name} is {shortened(repr(found))} already, it must be a table")
    return found


def _done(protocol: Mapping[str, Any]) -> Any:
    """Return what a protocol does to the cell, its numbers rounded."""
    return _rounded({key: one for key, one in protocol.items() if key != "recordings"})


def _rounded(value: Any) -> Any:
    if isinstance(value, float | int):
        return f"{value:.{_DIGITS}g}"
    if isinstance(value, Mapping):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value
