"""(b) What each channel of l5pc costs a segment and step, and what the native build brings for it.

Each is inserted beside a leak into a cable of its own; the baseline is the leak alone, taken off.
"""

from dataclasses import replace

from tests.bench.results import keep
from tests.bench.turns import Way, take_turns
from workbench.cells import CellRecipe, MaximalLength
from workbench.engines import EngineName, Job, fixed_step
from workbench.morphology import Cylinder, cylinder_tree, parse_site
from workbench.protocols import Protocol, Recording
from workbench.studies import load_study

ROUNDS = 4
SEGMENTS = 1001
DURATION_ms = 50.0
LEAK = "pas"
CABLE = cylinder_tree("cable", [Cylinder("somatic", float(SEGMENTS), 1.0)])
PROTOCOL = Protocol("Rest", DURATION_ms, (), (Recording("soma", parse_site("soma(0.5)")),))
WAYS: tuple[tuple[EngineName, bool], ...] = (
    ("neuron", False),
    ("neuron", True),
    ("coreneuron", False),
    ("coreneuron", True),
)


def test_cost_of_each_channel() -> None:
    recipe = load_study("l5pc").problem.recipe
    suffixes = sorted({suffix for _, suffix in recipe.inserted} - {LEAK})
    spent = {suffix: cost(recipe, suffix) for suffix in (LEAK, *suffixes)}
    own = {
        suffix: {way: spent[suffix][way] - spent[LEAK][way] for way in WAYS} for suffix in suffixes
    }
    print(
        f"\n(b) channels of l5pc, a cable of {SEGMENTS} segments, dt 0.025 ms: ns a segment and "
        f"step beside\n    those of a leaky cable; processor time, the quickest of {ROUNDS} turns\n"
        f"{'':24}{'NEURON':>10}{'native':>10}{'times':>8}{'CoreNEURON':>14}{'native':>10}{'times':>8}"
    )
    for suffix in suffixes:
        ns = [own[suffix][way] for way in WAYS]
        print(
            f"    {suffix:20}{ns[0]:10.1f}{ns[1]:10.1f}{ns[0] / ns[1]:8.1f}"
            f"{ns[2]:14.1f}{ns[3]:10.1f}{ns[2] / ns[3]:8.1f}"
        )
    print("    leaky cable         " + "".join(f"{spent[LEAK][way]:10.1f}" for way in WAYS))
    keep(
        "mechanisms",
        {
            "segments": SEGMENTS,
            "baseline": "a cable with a leak",
            "baseline_ns": [{"way": way, "ns": spent[LEAK][way]} for way in WAYS],
            "beside_it_ns": {
                suffix: [{"way": way, "ns": own[suffix][way]} for way in WAYS]
                for suffix in suffixes
            },
        },
    )


def cost(recipe: CellRecipe, suffix: str) -> dict[tuple[EngineName, bool], float]:
    """Return ns a segment and step of a cable with the leak and this channel, by engine, native."""
    inserted = tuple(dict.fromkeys((("somatic", LEAK), ("somatic", suffix))))
    cable = CellRecipe(suffix, CABLE, recipe.mechanisms, inserted, segments=MaximalLength(1.0))
    jobs = {
        (engine, native): [
            Job(cable, PROTOCOL, replace(fixed_step(0.025, engine=engine), native=native))
        ]
        for engine, native in WAYS
    }
    return {way: _ns(found) for way, found in take_turns(jobs, ROUNDS).items()}


def _ns(way: Way) -> float:
    return 1e9 * way.cpu_s / (way.steps * SEGMENTS)
