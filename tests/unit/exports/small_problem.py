"""A small problem that uses what BluePyOpt can express: it takes a second to simulate."""

from pathlib import Path

from workbench.cells import CellRecipe, Distribution, MaximalLength, Paint
from workbench.engines import Integrator, fixed_step
from workbench.features import Window
from workbench.fitting import Objective, Parameter, Problem, ScoreRule
from workbench.morphology import Morphology, load_morphology, parse_site, replace_axon
from workbench.protocols import Protocol, Recording, Step, Train

# id, type, x, y, z, radius, parent; types 1 soma, 2 axon, 3 basal, 4 apical.
SWC = """\
1 1 0 0 0 8 -1
2 2 0 -8 0 0.9 1
3 2 0 -50 0 0.6 2
4 2 0 -140 0 0.4 3
5 2 30 -90 0 0.3 3
6 3 -8 0 0 1.2 1
7 3 -90 0 0 0.7 6
8 4 0 8 0 1.5 1
9 4 0 100 0 1.1 8
10 4 40 190 0 0.6 9
11 4 -50 200 0 0.8 9
"""
SOMA = parse_site("soma(0.5)")
FALLING = Distribution(
    "falling",
    "value * (exp(-distance_um / 80) if distance_um < 120 else distance_um / max_distance_um)",
)
VALUES = {
    "gnabar_hh.all": 0.09,
    "gkbar_hh.apical": 0.02,
    "g_pas.basal": 2e-4,
}


def write_swc(folder: Path) -> Path:
    file = folder / "small.swc"
    file.write_text(SWC)
    return file


def make_problem(tree: Morphology, integrator: Integrator | None = None) -> Problem:
    recipe = CellRecipe(
        "small",
        tree,
        inserted=(("all", "hh"), ("basal", "pas"), ("apical", "pas")),
        paint=(
            Paint("Ra", "all", 150.0),
            Paint("cm", "all", 1.0),
            Paint("cm", "apical", 2.0),
            Paint("gnabar_hh", "all", None),
            Paint("gkbar_hh", "apical", None, FALLING),
            Paint("g_pas", "basal", None),
            Paint("ek", "somatic", -80.0),
        ),
        segments=MaximalLength(30.0),
        celsius_degC=10.0,
        v_init_mV=-66.0,
    )
    recordings = (
        Recording("soma", SOMA),
        Recording("last", parse_site("apical@150um last")),
        Recording("thick", parse_site("apical@150um")),
        Recording("basal", parse_site("dend[0](0.7)")),
    )
    protocols = (
        Protocol(
            "Step",
            120.0,
            (Step(SOMA, 20.0, 80.0, "amplitude_nA"), Step(SOMA, 0.0, 120.0, 0.02)),
            recordings,
            {"amplitude_nA": 0.4},
        ),
        Protocol("Train", 100.0, (Train(SOMA, 10.0, 2.0, 1.5, 40.0, 3),), recordings[:1]),
    )
    step = Window(20.0, 100.0, -20.0, {"interp_step": 0.05, "DerivativeThreshold": 12.0})
    train = Window(5.0, 95.0, -10.0, {"strict_stiminterval": 1})
    objectives = (
        Objective("Step", "soma", "mean_frequency", step, mean=60.0, std=5.0),
        Objective("Step", "soma", "AP_height", step, mean=20.0, std=4.0),
        Objective("Step", "last", "maximum_voltage", step, mean=10.0, std=3.0),
        Objective("Step", "thick", "maximum_voltage", step, mean=10.0, std=3.0),
        Objective("Step", "basal", "steady_state_voltage_stimend", step, mean=-50.0, std=3.0),
        Objective("Train", "soma", "Spikecount", train, mean=2.0, std=0.5, weight=2.5),
        Objective("Train", "soma", "AHP_depth_abs", train, mean=-72.0, std=0.001),
        Objective("Train", "soma", "ISI_log_slope", train, mean=0.0, std=1.0),
    )
    return Problem(
        "small problem",
        recipe,
        (
            Parameter("gnabar_hh.all", 0.0, 0.3),
            Parameter("gkbar_hh.apical", 1e-3, 0.1, "log"),
            Parameter("g_pas.basal", 1e-5, 1e-3, "log"),
        ),
        protocols,
        objectives,
        integrator or fixed_step(0.025),
        ScoreRule(200.0, 200.0, 300.0),
    )


def stubbed(file: Path) -> Morphology:
    return replace_axon(load_morphology(file), um_per_segment=30.0)
