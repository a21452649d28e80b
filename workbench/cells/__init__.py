"""Cells as values: morphology, painted and placed mechanisms, sites, segments."""

from workbench.cells.distributions import Distribution, Place, Profile
from workbench.cells.electrotonic import Electrotonic, Linear, electrotonic, is_passive
from workbench.cells.ions import Overruled, overruled, suffixes_by_section
from workbench.cells.placed import WEIGHT, Placed, PlacedPoint, check_placed
from workbench.cells.placements import (
    PLACEMENTS,
    Along,
    AtSites,
    Clustered,
    Dense,
    Placement,
    Scattered,
    Spaced,
)
from workbench.cells.recipe import CellRecipe, Paint, PaintedSection
from workbench.cells.segments import ByRegion, DLambda, MaximalLength, SegmentRule
from workbench.cells.sites import DistanceSite, SectionSite, Site, locate, parse_site

__all__ = [
    "PLACEMENTS",
    "WEIGHT",
    "Along",
    "AtSites",
    "ByRegion",
    "CellRecipe",
    "Clustered",
    "DLambda",
    "Dense",
    "DistanceSite",
    "Distribution",
    "Electrotonic",
    "Linear",
    "MaximalLength",
    "Overruled",
    "Paint",
    "PaintedSection",
    "Place",
    "Placed",
    "PlacedPoint",
    "Placement",
    "Profile",
    "Scattered",
    "SectionSite",
    "SegmentRule",
    "Site",
    "Spaced",
    "check_placed",
    "electrotonic",
    "is_passive",
    "locate",
    "overruled",
    "parse_site",
    "suffixes_by_section",
]
