"""Protocols as networks of one cell, and how LEMS runs them."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from workbench.exports.driving import amounts_of
from workbench.exports.model import Model
from workbench.exports.neuroml.lems import number
from workbench.exports.neuroml.shape import Shape
from workbench.morphology import Site, locate
from workbench.protocols import Protocol, Step

POPULATION = "cells"
_CORE = ("Cells.xml", "Networks.xml", "Simulation.xml")


def network(model: Model, shape: Shape, protocol: Protocol) -> list[Element]:
    """Return the currents of a protocol, and a network of one cell with these."""
    celsius_degC = model.celsius_degC(protocol)
    given = {"id": "net", "type": "networkWithTemperature"}
    net = Element("network", {**given, "temperature": f"{number(celsius_degC)} degC"})
    many = {"id": POPULATION, "component": model.name, "type": "populationList", "size": "1"}
    instance = SubElement(SubElement(net, "population", many), "instance", {"id": "0"})
    SubElement(instance, "location", {"x": "0", "y": "0", "z": "0"})
    pulses = []
    for place, stimulus in enumerate(protocol.stimuli):
        assert isinstance(stimulus, Step)
        assert isinstance(stimulus.site, Site)
        amounts = amounts_of(stimulus)
        name = f"pulse_{place}"
        given = {
            "id": name,
            "delay": f"{number(amounts['delay_ms'])} ms",
            "duration": f"{number(amounts['duration_ms'])} ms",
            "amplitude": f"{number(amounts['amplitude_nA'])} nA",
        }
        pulses.append(Element("pulseGenerator", given))
        segment, fraction = _place(model, shape, stimulus.site)
        given = {"id": f"input_{place}", "component": name, "population": POPULATION}
        inputs = SubElement(net, "inputList", given)
        given = {
            "id": "0",
            "target": f"../{POPULATION}/0/{model.name}",
            "segmentId": str(segment),
            "fractionAlong": number(fraction),
            "destination": "synapses",
        }
        SubElement(inputs, "input", given)
    return [*pulses, net]


def simulation(model: Model, shape: Shape, protocol: Protocol, included: Sequence[str]) -> Element:
    """Return the LEMS file that runs a protocol and writes its voltages."""
    integrator = model.integrators[protocol.name]
    root = Element("Lems")
    SubElement(root, "Target", {"component": f"run_{protocol.name}"})
    for file in (*_CORE, *included):
        SubElement(root, "Include", {"file": file})
    given = {
        "id": f"run_{protocol.name}",
        "length": f"{number(protocol.duration_ms)} ms",
        "step": f"{number(integrator.dt_ms or 0.025)} ms",
        "target": "net",
    }
    made = SubElement(root, "Simulation", given)
    if integrator.atol is not None:
        tolerances = {"abs_tolerance": number(integrator.atol), "rel_tolerance": "0"}
        SubElement(made, "Meta", {"for": "neuron", "method": "cvode", **tolerances})
    written = {"id": "traces", "fileName": f"{protocol.name}.dat"}
    output = SubElement(made, "OutputFile", written)
    for place, recording in enumerate(protocol.recordings):
        assert isinstance(recording.site, Site)
        segment, _ = _place(model, shape, recording.site)
        quantity = f"{POPULATION}/0/{model.name}/{segment}/v"
        SubElement(output, "OutputColumn", {"id": f"v{place}", "quantity": quantity})
    return root


def recordings(protocol: Protocol) -> list[str]:
    """Return the names of the columns behind the times."""
    return [one.name for one in protocol.recordings]


def _place(model: Model, shape: Shape, site: Site) -> tuple[int, float]:
    section, x = locate(site, model.recipe.morphology)
    count = model.recipe.segment_counts[section]
    return shape.middle((section, min(int(x * count), count - 1)))
