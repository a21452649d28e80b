"""Shapes of cells: sections in um as NEURON sees them, read from files, edited, generated."""

from workbench.morphology.catalogue.download import fetch, offer_to_fetch
from workbench.morphology.catalogue.entries import CatalogueEntry, known_cells, resolve
from workbench.morphology.checks.check import CHECKS, Finding, Severity
from workbench.morphology.checks.mending import Mending, mend_morphology
from workbench.morphology.checks.sizes import Size, sizes_apart, sizes_in_neurom, sizes_in_neuron
from workbench.morphology.checks.sound import check_morphology, require_sound
from workbench.morphology.comparing import Difference, compare_morphologies
from workbench.morphology.drawing import REGION_COLOURS
from workbench.morphology.edits.add_pipette import add_pipette
from workbench.morphology.edits.add_spines import add_spines
from workbench.morphology.edits.axon import remove_axon, replace_axon, stub_diameters_um
from workbench.morphology.edits.edit import EDITS, edit, edit_morphology
from workbench.morphology.edits.graft import graft
from workbench.morphology.edits.jitter import jitter
from workbench.morphology.edits.merge_only_children import merge_only_children
from workbench.morphology.edits.mirror import mirror
from workbench.morphology.edits.prune_diameter import prune_diameter
from workbench.morphology.edits.prune_distance import prune_distance
from workbench.morphology.edits.prune_order import prune_order
from workbench.morphology.edits.prune_terminals import prune_terminals
from workbench.morphology.edits.rall_diameters import rall_diameters
from workbench.morphology.edits.reassemble import reassemble
from workbench.morphology.edits.remove_subtree import remove_subtree
from workbench.morphology.edits.resample import resample
from workbench.morphology.edits.rotate import rotate
from workbench.morphology.edits.scale_diameters import scale_diameters
from workbench.morphology.edits.scale_lengths import scale_lengths
from workbench.morphology.edits.smooth import smooth
from workbench.morphology.edits.split import split
from workbench.morphology.edits.stub_axon import stub_axon
from workbench.morphology.edits.swap_subtrees import swap_subtrees
from workbench.morphology.edits.taper import taper
from workbench.morphology.edits.taper_axon import taper_axon
from workbench.morphology.edits.undo_shrinkage import undo_shrinkage
from workbench.morphology.generate.binary_trees import BinaryTree, binary_trees, parse_tree
from workbench.morphology.generate.equivalent import equivalent_cylinder
from workbench.morphology.generate.random_trees import random_tree, spanning, spanning_tree
from workbench.morphology.generate.registry import GENERATORS, generate_morphology, generator
from workbench.morphology.generate.shapes import (
    ball_and_stick,
    ball_and_y,
    binary_tree,
    chain,
    rall_tree,
    two_compartments,
)
from workbench.morphology.generate.tables import Cylinder, cylinder_tree
from workbench.morphology.measures.barcode import barcode_um
from workbench.morphology.measures.own import sholl_crossings
from workbench.morphology.measures.shape import MEASURES, Shape, shape_of
from workbench.morphology.measures.table import By, measure_morphologies
from workbench.morphology.readers.load import find_named, load_morphology, path_of
from workbench.morphology.readers.soma import SOMA_MODELS, SomaModel
from workbench.morphology.readers.swc_rows import Kind, Kinds
from workbench.morphology.regions.named import GivenRegion, NamedRegion
from workbench.morphology.section import ARRAYS, REGIONS, Region, Section
from workbench.morphology.sites import DistanceSite, SectionSite, Site, locate, parse_site
from workbench.morphology.topology import topology
from workbench.morphology.tree import Morphology
from workbench.morphology.varying import arguments_of, varied
from workbench.morphology.words import Worded
from workbench.morphology.writers.convert import convert_morphology
from workbench.morphology.writers.drawn import in_space

__all__ = [
    "ARRAYS",
    "CHECKS",
    "EDITS",
    "GENERATORS",
    "MEASURES",
    "REGIONS",
    "REGION_COLOURS",
    "SOMA_MODELS",
    "BinaryTree",
    "By",
    "CatalogueEntry",
    "Cylinder",
    "Difference",
    "DistanceSite",
    "Finding",
    "GivenRegion",
    "Kind",
    "Kinds",
    "Mending",
    "Morphology",
    "NamedRegion",
    "Region",
    "Section",
    "SectionSite",
    "Severity",
    "Shape",
    "Site",
    "Size",
    "SomaModel",
    "Worded",
    "add_pipette",
    "add_spines",
    "arguments_of",
    "ball_and_stick",
    "ball_and_y",
    "barcode_um",
    "binary_tree",
    "binary_trees",
    "chain",
    "check_morphology",
    "compare_morphologies",
    "convert_morphology",
    "cylinder_tree",
    "edit",
    "edit_morphology",
    "equivalent_cylinder",
    "fetch",
    "find_named",
    "generate_morphology",
    "generator",
    "graft",
    "in_space",
    "jitter",
    "known_cells",
    "load_morphology",
    "locate",
    "measure_morphologies",
    "mend_morphology",
    "merge_only_children",
    "mirror",
    "offer_to_fetch",
    "parse_site",
    "parse_tree",
    "path_of",
    "prune_diameter",
    "prune_distance",
    "prune_order",
    "prune_terminals",
    "rall_diameters",
    "rall_tree",
    "random_tree",
    "reassemble",
    "remove_axon",
    "remove_subtree",
    "replace_axon",
    "require_sound",
    "resample",
    "resolve",
    "rotate",
    "scale_diameters",
    "scale_lengths",
    "shape_of",
    "sholl_crossings",
    "sizes_apart",
    "sizes_in_neurom",
    "sizes_in_neuron",
    "smooth",
    "spanning",
    "spanning_tree",
    "split",
    "stub_axon",
    "stub_diameters_um",
    "swap_subtrees",
    "taper",
    "taper_axon",
    "topology",
    "two_compartments",
    "undo_shrinkage",
    "varied",
]
