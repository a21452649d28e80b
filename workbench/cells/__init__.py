"""Cells as values: morphology, painted and placed mechanisms, segments."""

from workbench.cells.arithmetic import RefusedError, check_tie
from workbench.cells.distributions import Balance, Distribution, Place, Profile, Total
from workbench.cells.electrotonic import (
    DIRECTIONS,
    Direction,
    Electrotonic,
    electrotonic,
    is_passive,
)
from workbench.cells.ions import Overruled, overruled, suffixes_by_section
from workbench.cells.network import Linear, Network
from workbench.cells.paint import Balanced, Paint, PaintedSection
from workbench.cells.placed import WEIGHT, OnPlaced, Placed, PlacedPoint, check_placed, parse_where
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
from workbench.cells.pointers import Pointer
from workbench.cells.recipe import CellRecipe, covered
from workbench.cells.segments import ByRegion, DLambda, MaximalLength, SegmentRule
from workbench.cells.spines import Spines
from workbench.cells.telling import told
from workbench.cells.ties import Tie
from workbench.cells.variables import variables_at, variables_of
from workbench.cells.wiring import check_pointers, wired

__all__ = [
    "DIRECTIONS",
    "PLACEMENTS",
    "WEIGHT",
    "Along",
    "AtSites",
    "Balance",
    "Balanced",
    "ByRegion",
    "CellRecipe",
    "Clustered",
    "DLambda",
    "Dense",
    "Direction",
    "Distribution",
    "Electrotonic",
    "Linear",
    "MaximalLength",
    "Network",
    "OnPlaced",
    "Overruled",
    "Paint",
    "PaintedSection",
    "Place",
    "Placed",
    "PlacedPoint",
    "Placement",
    "Pointer",
    "Profile",
    "RefusedError",
    "Scattered",
    "SegmentRule",
    "Spaced",
    "Spines",
    "Tie",
    "Total",
    "check_placed",
    "check_pointers",
    "check_tie",
    "covered",
    "electrotonic",
    "is_passive",
    "overruled",
    "parse_where",
    "suffixes_by_section",
    "told",
    "variables_at",
    "variables_of",
    "wired",
]
