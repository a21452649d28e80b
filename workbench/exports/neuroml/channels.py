"""Ion channels and pools as NeuroML and LEMS have them."""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, SubElement

from workbench.engines.population.graph import Graph, Node
from workbench.exports.neuroml.kinetics import Gate
from workbench.exports.neuroml.lems import derive

UNITS: Mapping[str, tuple[str, str]] = {
    "MILLIVOLT": ("voltage", "1 mV"),
    "MILLISECOND": ("time", "1 ms"),
    "MILLIMOLAR": ("concentration", "1 mM"),
    "SQUARE_MICROMETRE": ("area", "1 um2"),
    "NANOAMP": ("current", "1 nA"),
}
"""LEMS constants that take the dimension from what NMODL counts in them."""


def channel(name: str, ion: str, gates: tuple[Gate, ...], graph: Graph) -> list[Element]:
    """Return an ion channel, behind the LEMS types of its gates."""
    if not gates:
        return [Element("ionChannelPassive", {"id": name, "conductance": "10 pS"})]
    made = Element("ionChannelHH", {"id": name, "conductance": "10 pS"})
    if ion:
        made.set("species", ion)
    types = [one for gate in gates for one in _gate(made, name, gate, graph)]
    return [*types, made]


def _gate(parent: Element, channel: str, gate: Gate, graph: Graph) -> Iterator[Element]:
    kind = "gateHHInstantaneous" if gate.tau_ms is None else "gateHHtauInf"
    given = {"id": gate.name, "type": kind, "instances": str(gate.instances)}
    made = SubElement(parent, "gate", given)
    if gate.tau_ms is not None:
        tau = f"{channel}_{gate.name}_tau"
        SubElement(made, "timeCourse", {"type": tau})
        yield _rate(tau, "Time", gate.tau_ms, graph, ("t", "time", "MILLISECOND"))
    steady = f"{channel}_{gate.name}_inf"
    SubElement(made, "steadyState", {"type": steady})
    yield _rate(steady, "Variable", gate.steady, graph, ("x", "none", ""))


def _rate(name: str, kind: str, node: Node, graph: Graph, exposed: tuple[str, str, str]) -> Element:
    """Return the LEMS type of a number that depends on the voltage, and it may be on calcium."""
    inputs = {
        one: "(caConc / MILLIMOLAR)" if one.startswith("concentration ") else "(v / MILLIVOLT)"
        for one in graph.inputs([node])
    }
    read = " ".join(inputs.values())
    base = f"baseVoltage{'Conc' if 'caConc' in read else ''}Dep{kind}"
    made = Element("ComponentType", {"name": name, "extends": base})
    variable, dimension, unit = exposed
    form = f"{{}} * {unit}" if unit else "{}"
    _constants(made, read + form)
    dynamics = SubElement(made, "Dynamics")
    given = {"name": variable, "exposure": variable, "dimension": dimension}
    derive(dynamics, graph, node, inputs, given, form)
    return made


def pool(name: str, current: str, slope: Node, graph: Graph) -> list[Element]:
    """Return a concentration model, behind its LEMS type.

    Its current is inward in NeuroML, as a whole; NMODL's is outward, by area: 1 nA/um2 are
    100 mA/cm2.
    """
    area = "(surfaceArea / SQUARE_MICROMETRE)"
    inputs = {
        f"flow {current}": f"((-100.0) * (iCa / NANOAMP) / {area})",
        "area": area,
    }
    inputs |= {
        one: "(concentration / MILLIMOLAR)"
        for one in graph.inputs([slope])
        if one.startswith("concentration ")
    }
    kind = f"{name}_pool"
    made = Element("ComponentType", {"name": kind, "extends": "concentrationModel"})
    read = " ".join(inputs[one] for one in graph.inputs([slope]))
    _constants(made, f"{read} MILLIMOLAR MILLISECOND")
    SubElement(made, "Requirement", {"name": "surfaceArea", "dimension": "area"})
    SubElement(made, "Requirement", {"name": "iCa", "dimension": "current"})
    dynamics = SubElement(made, "Dynamics")
    both = ("concentration", "extConcentration")
    for one in both:
        given = {"name": one, "dimension": "concentration", "exposure": one}
        SubElement(dynamics, "StateVariable", given)
    derive(dynamics, graph, slope, inputs, {"name": "slope", "dimension": "none"})
    value = "slope * MILLIMOLAR / MILLISECOND"
    SubElement(dynamics, "TimeDerivative", {"variable": "concentration", "value": value})
    start = SubElement(dynamics, "OnStart")
    for one, begin in zip(both, ("initialConcentration", "initialExtConcentration"), strict=True):
        SubElement(start, "StateAssignment", {"variable": one, "value": begin})
    return [made, Element("concentrationModel", {"id": name, "type": kind, "ion": "ca"})]


def _constants(made: Element, read: str) -> None:
    for name, (dimension, value) in UNITS.items():
        if name in read.replace("(", " ").replace(")", " ").split():
            given = {"name": name, "dimension": dimension, "value": value}
            SubElement(made, "Constant", given)
