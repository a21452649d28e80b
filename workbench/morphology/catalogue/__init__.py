"""Cells that are known by name: where their files lie, and how they come here."""

from workbench.morphology.catalogue.download import fetch, offer_to_fetch
from workbench.morphology.catalogue.entries import CatalogueEntry, known_cells, resolve

__all__ = ["CatalogueEntry", "fetch", "known_cells", "offer_to_fetch", "resolve"]
