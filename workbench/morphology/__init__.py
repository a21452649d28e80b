"""Shapes of cells: sections in um as NEURON sees them, read from files, edited, generated."""

from workbench.morphology.axon import remove_axon, replace_axon, stub_diameters_um
from workbench.morphology.checks import Finding, Severity, check_morphology, require_sound
from workbench.morphology.download import fetch, offer_to_fetch
from workbench.morphology.generate import Cylinder, cylinder_tree
from workbench.morphology.known_cells import CatalogueEntry, catalogue, resolve
from workbench.morphology.load import find_named, load_morphology
from workbench.morphology.section import REGIONS, Region, Section
from workbench.morphology.soma import SOMA_MODELS, SomaModel
from workbench.morphology.swc_rows import Kind
from workbench.morphology.tree import Morphology

__all__ = [
    "REGIONS",
    "SOMA_MODELS",
    "CatalogueEntry",
    "Cylinder",
    "Finding",
    "Kind",
    "Morphology",
    "Region",
    "Section",
    "Severity",
    "SomaModel",
    "catalogue",
    "check_morphology",
    "cylinder_tree",
    "fetch",
    "find_named",
    "load_morphology",
    "offer_to_fetch",
    "remove_axon",
    "replace_axon",
    "require_sound",
    "resolve",
    "stub_diameters_um",
]
