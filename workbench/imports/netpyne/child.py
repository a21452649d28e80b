"""Be the child in which NEURON builds a cell by a rule of NetPyNE's, in the order that it does.

The question holds `secs`: for each section `geom`, `topol`, `mechs` and `ions` as a rule has them,
a `library` of compiled mechanisms or None, GLOBALs to `set` and the names of `globals`. The answer
is that of the child of hoc files.
"""

from collections.abc import Mapping
from typing import Any

from workbench.imports.hoc.child import built
from workbench.morphology.readers.hoc_child import answer_within_limits, drawn, neuron_with

_ION = {"e": "e{}", "i": "{}i", "o": "{}o"}


def reply(question: dict[str, Any]) -> dict[str, Any]:
    """Return what the rule builds."""
    h = neuron_with(question["library"])
    rules = question["secs"]
    try:
        sections = {name: h.Section(name=name) for name in rules}
        for name, rule in rules.items():
            if at := rule["topol"]:
                place = sections[at["parentSec"]](at["parentX"])
                sections[name].connect(place, at["childX"])
        for name, rule in rules.items():
            _make(h, sections[name], rule)
        for name, value in question["set"].items():
            setattr(h, name, value)
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as e:
        return {"refused": f"{name}: {e}"}
    return built(h, drawn(h), question["globals"])


def _make(h: Any, section: Any, rule: Mapping[str, Any]) -> None:
    geometry = dict(rule["geom"])
    points = geometry.pop("pt3d")
    for name, value in geometry.items():
        setattr(section, name, value)
    if points:
        h.pt3dclear(sec=section)
        for point in points:
            h.pt3dadd(*point, sec=section)
    for suffix, values in rule["mechs"].items():
        section.insert(suffix)
        for name, value in values.items():
            _paint(section, f"{name}_{suffix}", value)
    for ion, values in rule["ions"].items():
        section.insert(f"{ion}_ion")
        for name, value in values.items():
            if name in _ION:
                variable = _ION[name].format(ion)
                _paint(section, variable, value)
                if name != "e":
                    # As NetPyNE has it: where the ion begins in all sections, the last one wins.
                    last = value[-1] if isinstance(value, list) else value
                    setattr(h, f"{variable}0_{ion}_ion", last)


def _paint(section: Any, variable: str, given: Any) -> None:
    """Set a variable: one value, or one for each segment; None leaves it as it is."""
    values = given if isinstance(given, list) else [given]
    if len(values) == 1:
        values = values * section.nseg
    if len(values) != section.nseg:
        raise ValueError(f"{variable} has {len(values)} values for {section.nseg} segments")
    for segment, value in zip(section, values, strict=True):
        if value is not None:
            setattr(segment, variable, value)


if __name__ == "__main__":
    answer_within_limits(reply)
