"""Rules about units and about values that NEURON sets itself."""

from collections.abc import Iterator

from workbench.nmodl.findings import Remark, rule
from workbench.nmodl.modfile import ModFile, all_assignments
from workbench.nmodl.tree import Node

_SET_BY = {
    "celsius": "the temperature of the run",
    "v": "the voltage of the segment",
    "t": "the time of the run",
    "dt": "the step of the run",
    "area": "the segment",
    "diam": "the segment",
}


@rule("ignored-default", "result")
def ignored_default(file: ModFile) -> Iterator[Remark]:
    """Find PARAMETERs with a value that NEURON never uses."""
    for name, node in file.parameters.items():
        value = next((n for n in node.children if n.kind not in ("Unit", "Limits")), None)
        if name in file.given_units and value is not None:
            setting = _SET_BY.get(name, "the ion on the section")
            yield (
                node.line,
                f"{name} = {value.text} is ignored: {setting} sets it",
                f"declare {name} under ASSIGNED, and set its value in the cell or the protocol",
            )


@rule("missing-units", "result")
def missing_units(file: ModFile) -> Iterator[Remark]:
    """Find quantities without a unit."""
    advice = "declare it as {} ({})"
    for name, unit in _expected_units(file).items():
        node = file.parameters.get(name) or file.assigned.get(name)
        if node is not None and not any(node.all("Unit")):
            yield node.line, f"{name} has no unit", advice.format(name, unit)
    has_units = any(unit for node in file.variables.values() for unit in node.all("Unit"))
    if file.header and has_units and not any(file.tree.all("UnitBlock")):
        yield (
            file.header.line,
            "units are used, but no UNITS block says what they are",
            "UNITS { (mA) = (milliamp) (mV) = (millivolt) ... }",
        )


def _expected_units(file: ModFile) -> dict[str, str]:
    """Return the variables that evidently have a dimension, with a likely unit.

    What NEURON fills; what is added to the voltage; the conductance of a current; a time
    constant. Of the rest nobody can tell whether it is a pure number.
    """
    per_area = "" if any(n.text.startswith("POINT") for n in file.tree.all("Suffix")) else "/cm2"
    density = "mA/cm2" if per_area else "nA"
    conductance = "S/cm2" if per_area else "uS"
    return (
        dict.fromkeys(_conductances(file), conductance)
        | dict.fromkeys(_time_constants(file), "ms")
        | dict.fromkeys(_beside_voltage(file), "mV")
        | dict.fromkeys(file.currents, density)
        | {name: u for name, u in file.given_units.items() if name not in file.currents}
    )


def _beside_voltage(file: ModFile) -> Iterator[str]:
    for node in file.tree.all("BinaryExpression"):
        if node.is_operation("+", "-"):
            names = {side.name for side in node.children if side.kind == "Name"}
            if "v" in names:
                yield from names - {"v"}


def _conductances(file: ModFile) -> Iterator[str]:
    """Yield the first PARAMETER of each current's product, if none of them has a unit."""
    for one in file.first_assignments(file.currents):
        values = {a.name: a.value for a in all_assignments(one.block)}
        factors = [name for name in _factors(one.value, values) if name in file.parameters]
        if factors and not any(any(file.parameters[name].all("Unit")) for name in factors):
            yield factors[0]


def _factors(value: Node, values: dict[str, Node]) -> list[str]:
    """Return the names that are multiplied, those of variables of the block included."""
    if value.is_operation("*", "/"):
        return [name for side in value.children for name in _factors(side, values)]
    if value.kind == "Name" and value.name in values:
        rest = {name: other for name, other in values.items() if name != value.name}
        return _factors(values[value.name], rest)
    return [value.name] if value.kind == "Name" else []


def _time_constants(file: ModFile) -> Iterator[str]:
    for node in file.tree.all("BinaryExpression"):
        if node.is_operation("=") and node.children[0].kind == "PrimeName":
            divided = node.children[1]
            if divided.is_operation("/") and divided.children[1].kind == "Name":
                yield divided.children[1].name
