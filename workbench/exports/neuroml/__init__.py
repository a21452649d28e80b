"""A model as NeuroML 2 and LEMS: cell, channels with their rates, a network for each protocol."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, indent

from workbench.cells import Balance
from workbench.exports.model import Model
from workbench.exports.neuroml.cell import cell_of
from workbench.exports.neuroml.membrane import membrane_of
from workbench.exports.neuroml.simulation import network, recordings, simulation
from workbench.exports.obstacles import of_cell
from workbench.morphology import Site
from workbench.protocols import Step

__all__ = ["of_neuroml", "write_neuroml"]

_NAMESPACE = "http://www.neuroml.org/schema/neuroml2"
_SCHEMA = "https://raw.github.com/NeuroML/NeuroML2/master/Schemas/NeuroML2/NeuroML_v2.3.xsd"


def write_neuroml(model: Model, out: Path) -> None:
    """Write a cell, its channels and pools, its protocols, and a script that runs them."""
    membrane = membrane_of(model)
    cell, shape = cell_of(model, membrane)
    files = {}
    for name, elements in membrane.components.items():
        is_pool = elements[-1].tag == "concentrationModel"
        files[name] = f"{name}.nml" if is_pool else f"{name}.channel.nml"
        _document(out / files[name], name, elements)
    cell_file = f"{model.name}.cell.nml"
    _document(out / cell_file, model.name, [*map(_include, files.values()), cell])
    asked = {}
    for protocol in model.protocols:
        net = f"{protocol.name}.net.nml"
        elements = [_include(cell_file), *network(model, shape, protocol)]
        _document(out / net, protocol.name, elements)
        included = [*files.values(), cell_file, net]
        _write(out / f"LEMS_{protocol.name}.xml", simulation(model, shape, protocol, included))
        asked[protocol.name] = recordings(protocol)
    (out / "recordings.json").write_text(json.dumps(asked, indent=1) + "\n", encoding="utf-8")
    shutil.copyfile(Path(__file__).with_name("run_neuroml.py"), out / "run_neuroml.py")


def of_neuroml(model: Model) -> Iterator[str]:
    """Yield what NeuroML cannot say of a model, or jNeuroML does not run."""
    yield from of_cell(model)
    for what, each in (("celsius_degC", model.celsius_degC), ("v_init_mV", model.v_init_mV)):
        found = {one.name: each(one) for one in model.protocols}
        if len(set(found.values())) > 1:
            listed = ", ".join(f"{value:g} of {name}" for name, value in found.items())
            yield f"{what} ({listed}): the cell of a folder has one; export protocols one by one"
    if model.recipe.placed:
        yield f"placed {', '.join(one.name for one in model.recipe.placed)}: they are not written"
    if not any(isinstance(one.distribution, Balance) for one in model.recipe.paint):
        yield from membrane_of(model).unsaid
    for protocol in model.protocols:
        for stimulus in protocol.stimuli:
            if not isinstance(stimulus, Step):
                yield f"protocol {protocol.name}: {stimulus.kind}: steps alone are written"
        if model.integrators[protocol.name].order == 2:
            yield f"protocol {protocol.name}: steps of second order: jNeuroML has none"
        for recording in protocol.recordings:
            if recording.variable != "v" or not isinstance(recording.site, Site):
                yield f"protocol {protocol.name}: {recording.name}: voltages alone are recorded"


def _include(file: str) -> Element:
    return Element("include", {"href": file})


def _document(path: Path, name: str, elements: list[Element]) -> None:
    root = Element("neuroml", {"xmlns": _NAMESPACE, "id": name})
    root.set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
    root.set("xsi:schemaLocation", f"{_NAMESPACE} {_SCHEMA}")
    # The schema has what is included first, and LEMS types last.
    root.extend(one for one in elements if one.tag != "ComponentType")
    root.extend(one for one in elements if one.tag == "ComponentType")
    _write(path, root)


def _write(path: Path, root: Element) -> None:
    indent(root)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
