"""The formats in which a model is handed on: who writes each, what it cannot say, how it is run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InputError, unknown
from workbench.exports.arbor import of_arbor, other_shapes, write_arbor
from workbench.exports.hoc import hoc_command, write_hoc
from workbench.exports.model import Model
from workbench.exports.neuroml import of_neuroml, write_neuroml
from workbench.exports.obstacles import of_neuron
from workbench.exports.python import write_python
from workbench.exports.running import Environment
from workbench.exports.sonata import MODIFIABLE, of_sonata, write_sonata


def _nothing(model: Model, folder: Path, where: Environment) -> Iterator[str]:
    return iter(())


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes
    ----------
    title
        What it is, in a few words.
    write
        Writes a model into a folder that is there.
    obstacles
        What of a model it cannot say, a sentence each.
    command
        How a protocol is run in the folder, where its traces/PROTOCOL.csv is written.
    usage
        What its user types, line by line.
    module, package
        What it runs in: the Python module, and what pip calls it.
    cvode
        Whether it has CVODE beside fixed steps.
    mechanisms
        The folder of its .mod files; "" if it has none.
    exact
        Whether it has to be ours to the last bit with a fixed step.
    differing
        What of the cell it reads otherwise than it is meant, a sentence each, in a folder where it
        can be run. Where each number of a trace has to be ours nothing is left to be asked.
    """

    title: str
    write: Callable[[Model, Path], None]
    obstacles: Callable[[Model], Iterator[str]]
    command: Callable[[str, Path, Environment], list[str]]
    usage: tuple[str, ...]
    module: str = "neuron"
    package: str = "neuron"
    cvode: bool = True
    mechanisms: str = "mechanisms"
    exact: bool = True
    differing: Callable[[Model, Path, Environment], Iterator[str]] = _nothing


FORMATS: Mapping[str, Format] = {
    "python": Format(
        "Python for NEURON",
        write_python,
        of_neuron,
        lambda protocol, folder, where: where.script("simulation.py", protocol),
        ("python simulation.py            # or: python simulation.py PROTOCOL",),
    ),
    "hoc": Format(
        "a hoc template",
        write_hoc,
        of_neuron,
        lambda protocol, folder, where: hoc_command(protocol, folder),
        (
            "x86_64/special protocols.hoc    # nrniv, if there are no mechanisms",
            "oc> run_PROTOCOL()",
        ),
    ),
    "sonata": Format(
        "a SONATA node for BMTK",
        write_sonata,
        of_sonata,
        lambda protocol, folder, where: where.script("run_bionet.py", protocol),
        ("python run_bionet.py            # or: python run_bionet.py PROTOCOL",),
        module="bmtk.simulator.bionet",
        package="bmtk neuron",
        cvode=False,
        mechanisms=MODIFIABLE,
    ),
    "arbor": Format(
        "a cable cell for Arbor",
        write_arbor,
        of_arbor,
        lambda protocol, folder, where: where.script("run_arbor.py", protocol),
        ("python run_arbor.py             # or: python run_arbor.py PROTOCOL",),
        module="arbor",
        package="arbor",
        cvode=False,
        mechanisms="",
        exact=False,
        differing=other_shapes,
    ),
    "neuroml": Format(
        "a cell of NeuroML 2 with channels in LEMS",
        write_neuroml,
        of_neuroml,
        lambda protocol, folder, where: where.script("run_neuroml.py", protocol),
        ("python run_neuroml.py           # with Java; or: python run_neuroml.py PROTOCOL",),
        module="pyneuroml, neuron",
        package="pyneuroml neuron",
        mechanisms="",
        exact=False,
    ),
}


BLUEPYOPT = "bluepyopt"
"""A whole problem with its free parameters, and no model: it goes a way of its own."""


def format_named(name: str) -> Format:
    """Return a format.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in FORMATS:
        raise InputError(unknown("format", name, (*FORMATS, BLUEPYOPT)))
    return FORMATS[name]
