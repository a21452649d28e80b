"""What a simulation's inputs do to one node: its current clamps, and what is left out."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from workbench.errors import InputError, unknown
from workbench.imports.sonata.config import Config
from workbench.imports.sonata.nodes import Node

_NUMBERS = TypeAdapter(float | list[float])
_IDS = {"node_id", "node_ids", "ids"}

Step = dict[str, Any]
"""A stimulus of a protocol."""


def current_clamps(config: Config, node: Node) -> tuple[list[Step], list[str]]:
    """Return the steps of current that a node gets, and a sentence for each input left out.

    Raises
    ------
    InputError
        If a clamp's numbers are none or a node set is unknown.
    """
    steps: list[Step] = []
    left = []
    for name, told in config.inputs.items():
        kind = str(told.get("input_type"))
        if not _selects(config, told.get("node_set", "all"), node, name):
            continue
        if kind == "current_clamp" and {"amp", "delay", "duration"} <= told.keys():
            steps += _steps(name, told)
        else:
            module = str(told.get("module", "no module"))
            left.append(f"The input {name!r} ({kind}, {module}) is not imported.")
    return steps, left


def _steps(name: str, told: Mapping[str, Any]) -> Iterator[Step]:
    """Yield the clamps of one input; its numbers may be lists as long as one another."""
    columns = [_numbers(name, key, told[key]) for key in ("amp", "delay", "duration")]
    if len({len(column) for column in columns}) > 1:
        raise InputError(f"inputs: {name}: amp, delay and duration are lists of one length")
    for amplitude_nA, delay_ms, duration_ms in zip(*columns, strict=True):
        yield {
            "type": "step",
            "site": _site(name, told),
            "delay_ms": delay_ms,
            "duration_ms": duration_ms,
            "amplitude_nA": amplitude_nA,
        }


def _numbers(name: str, key: str, given: Any) -> list[float]:
    try:
        found = _NUMBERS.validate_python(given)
    except ValidationError:
        raise InputError(f"inputs: {name}: {key} is {given!r}; give a number or a list") from None
    return found if isinstance(found, list) else [found]


def _site(name: str, told: Mapping[str, Any]) -> str:
    section, index = str(told.get("section_name", "soma")), told.get("section_index", 0)
    if not isinstance(index, int):
        raise InputError(f"inputs: {name}: section_index is {index!r}; give a whole number")
    [x] = _numbers(name, "section_dist", told.get("section_dist", 0.5))
    array = section if section == "soma" and index == 0 else f"{section}[{index}]"
    return f"{array}({x:.10g})"


def _selects(
    config: Config, node_set: Any, node: Node, name: str, seen: tuple[str, ...] = ()
) -> bool:
    """Return whether a node is in a set: a name, a list of names or ids, or attributes."""
    if isinstance(node_set, str):
        if node_set == "all" and "all" not in config.node_sets:
            return True
        if node_set not in config.node_sets or node_set in seen:
            allowed = {*config.node_sets, "all"} - set(seen)
            raise InputError(f"inputs: {name}: {unknown('node_set', node_set, allowed)}")
        return _selects(config, config.node_sets[node_set], node, name, (*seen, node_set))
    if isinstance(node_set, list):
        return any(
            _selects(config, one, node, name, seen) if isinstance(one, str) else one == node.number
            for one in node_set
        )
    if isinstance(node_set, dict):
        return all(_has(node, key, value) for key, value in node_set.items())
    raise InputError(f"inputs: {name}: node_set is a name, a list of ids or a table of attributes")


def _has(node: Node, key: str, value: Any) -> bool:
    allowed = {str(one) for one in (value if isinstance(value, list) else [value])}
    if key == "population":
        return node.population in allowed
    return (str(node.number) if key in _IDS else node.text(key)) in allowed
