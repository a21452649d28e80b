"""Cells as values: morphology, painted mechanisms, sites, segments."""

from workbench.cells.distributions import Distribution, Place, Profile
from workbench.cells.recipe import CellRecipe, Paint, PaintedSection
from workbench.cells.segments import ByRegion, DLambda, MaximalLength, SegmentRule
from workbench.cells.sites import DistanceSite, SectionSite, Site, locate, parse_site

__all__ = [
    "ByRegion",
    "CellRecipe",
    "DLambda",
    "DistanceSite",
    "Distribution",
    "MaximalLength",
    "Paint",
    "PaintedSection",
    "Place",
    "Profile",
    "SectionSite",
    "SegmentRule",
    "Site",
    "locate",
    "parse_site",
]
