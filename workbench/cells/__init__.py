"""Cells as values: morphology, painted mechanisms, sites, segments."""

from workbench.cells.distributions import Distribution, Place, Profile
from workbench.cells.ions import Overruled, overruled, suffixes_by_section
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
    "Overruled",
    "Paint",
    "PaintedSection",
    "Place",
    "Profile",
    "SectionSite",
    "SegmentRule",
    "Site",
    "locate",
    "overruled",
    "parse_site",
    "suffixes_by_section",
]
