"""What a problem is made of, as far as exports know it: what is new has to be said or refused.

If this fails: say the new thing in `exports/bluepyopt/`, or refuse it by name in `limits.py` there,
and then add it here.
"""

from dataclasses import fields
from typing import get_args, get_type_hints

import pytest

from workbench.cells import (
    Balance,
    CellRecipe,
    Distribution,
    Paint,
    Placed,
    Profile,
    Spines,
    Tie,
    Total,
)
from workbench.engines import Integrator
from workbench.features import Window
from workbench.fitting import Objective, Parameter, Problem, ScoreRule
from workbench.morphology import NamedRegion
from workbench.protocols import Protocol, Recording

KNOWN = {
    Problem: "name recipe parameters protocols objectives integrator rule own_integrators "
    "penalties block morphologies",
    CellRecipe: "name morphology mechanisms inserted paint segments celsius_degC v_init_mV placed "
    "spines ties global_values held pointers",
    Paint: "variable region value distribution",
    Distribution: "name expression at constants",
    Profile: "name factors",
    Balance: "",
    Total: "at",
    Placed: "name mechanism sites values",
    Spines: "region density_per_um area_um2 max_diameter_um scaled",
    Tie: "name expression",
    NamedRegion: "name where cut sections",
    Parameter: "name low high scale",
    Protocol: "name duration_ms stimuli recordings parameters v_init_mV events maps celsius_degC "
    "morphology",
    Recording: "location site variable",
    Objective: "protocol location feature window variable to minus over against train mean std "
    "weight side morphology",
    Window: "begin_ms end_ms threshold_mV settings",
    ScoreRule: "missing cap failed morphologies",
    Integrator: "engine dt_ms order atol steps_per_ms step_error_mV native gpu precision",
}


@pytest.mark.parametrize("kind", KNOWN)
def test_every_field_is_known(kind) -> None:
    assert {one.name for one in fields(kind)} <= {*KNOWN[kind].split()}


def test_every_way_to_spread_a_value_is_known() -> None:
    ways = {*get_args(get_type_hints(Paint)["distribution"])}
    assert ways == {Distribution, Profile, Balance, Total, type(None)}
