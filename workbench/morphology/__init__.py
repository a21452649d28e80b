"""Shapes of cells: sections in um as NEURON sees them, read from files, edited, generated."""

from workbench.morphology.catalogue.download import fetch, offer_to_fetch
from workbench.morphology.catalogue.entries import CatalogueEntry, known_cells, resolve
from workbench.morphology.checks import Finding, Severity, check_morphology, require_sound
from workbench.morphology.comparing import Difference, compare_morphologies
from workbench.morphology.edits.axon import remove_axon, replace_axon, stub_diameters_um
from workbench.morphology.edits.edit import EDITS, Edit, edit, edit_morphology
from workbench.morphology.edits.prune_diameter import prune_diameter
from workbench.morphology.edits.prune_distance import prune_distance
from workbench.morphology.edits.prune_order import prune_order
from workbench.morphology.edits.prune_terminals import prune_terminals
from workbench.morphology.edits.remove_subtree import remove_subtree
from workbench.morphology.edits.scale_diameters import scale_diameters
from workbench.morphology.edits.scale_lengths import scale_lengths
from workbench.morphology.generators import Cylinder, cylinder_tree
from workbench.morphology.measures.barcode import barcode_um
from workbench.morphology.measures.shape import Shape, shape_of
from workbench.morphology.measures.table import By, measure_morphologies
from workbench.morphology.readers.load import find_named, load_morphology
from workbench.morphology.readers.soma import SOMA_MODELS, SomaModel
from workbench.morphology.readers.swc_rows import Kind, Kinds
from workbench.morphology.section import REGIONS, Region, Section
from workbench.morphology.tree import Morphology
from workbench.morphology.writers.convert import convert_morphology

__all__ = [
    "EDITS",
    "REGIONS",
    "SOMA_MODELS",
    "By",
    "CatalogueEntry",
    "Cylinder",
    "Difference",
    "Edit",
    "Finding",
    "Kind",
    "Kinds",
    "Morphology",
    "Region",
    "Section",
    "Severity",
    "Shape",
    "SomaModel",
    "barcode_um",
    "check_morphology",
    "compare_morphologies",
    "convert_morphology",
    "cylinder_tree",
    "edit",
    "edit_morphology",
    "fetch",
    "find_named",
    "known_cells",
    "load_morphology",
    "measure_morphologies",
    "offer_to_fetch",
    "prune_diameter",
    "prune_distance",
    "prune_order",
    "prune_terminals",
    "remove_axon",
    "remove_subtree",
    "replace_axon",
    "require_sound",
    "resolve",
    "scale_diameters",
    "scale_lengths",
    "shape_of",
    "stub_diameters_um",
]
