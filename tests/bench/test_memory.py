"""(d) Memory of a cell, and what each evaluation leaves behind in a child of its own.

Cells are those of one CoreNEURON run; beside them the same tree with nothing but a leak. Growth is
that of random individuals, simulated, measured and scored; beside it that of simulating them alone.
The heap grows with the largest traces too, which a few evaluations of a large cell still show: so
there are as many of all.
"""

from contextlib import ExitStack

from tests.bench.children import child
from tests.bench.memory import bare, cell_kB, growth_kB
from tests.bench.results import keep
from workbench.engines import Integrator, adaptive_step, fixed_step
from workbench.studies import load_study

PROMISE_kB = 1.0
CASES = (
    ("hodgkin_huxley", fixed_step(0.025), 1000),
    ("hodgkin_huxley", Integrator(), 1000),
    ("hodgkin_huxley", fixed_step(0.025, engine="coreneuron"), 1000),
    ("l5pc_quick", Integrator(native=True), 1000),
    ("l5pc_quick", adaptive_step(0.01, native=True), 1000),
)


def test_a_cell() -> None:
    study = load_study("l5pc")
    recipe = study.problem.cell(study.problem.row(study.values("release")))
    integrator = fixed_step(0.025, engine="coreneuron")
    with child() as one, child() as other:
        asked = one.submit(cell_kB, recipe, integrator)
        beside = other.submit(cell_kB, bare(recipe), integrator)
        cell, tree = asked.result(), beside.result()
    segments = sum(recipe.segment_counts)
    print(
        f"\n(d) l5pc: {cell:.0f} kB a cell of {segments} segments, {cell / segments:.1f} kB a "
        f"segment; its tree with a leak alone {tree:.0f} kB: {cell / tree:.1f} times"
    )
    keep("memory-cell", {"cell_kB": cell, "leak_alone_kB": tree, "segments": segments})


def test_growth() -> None:
    kept = []
    print(f"\n(d) kB that each evaluation leaves behind (promised: below {PROMISE_kB:g})")
    for name, integrator, evaluations in CASES:
        problem = load_study(name).with_integrator(integrator).problem
        with ExitStack() as stack:
            # Memory does not mind company: both run at once.
            asked = [
                stack.enter_context(child()).submit(growth_kB, problem, evaluations, measuring)
                for measuring in (True, False)
            ]
            (growth, held_kB), (base, base_held_kB) = (one.result() for one in asked)
        print(
            f"    {name}, {integrator}, {evaluations} evaluations: {growth:.2f} "
            f"({'kept' if growth < PROMISE_kB else 'NOT kept'}); simulated alone {base:.2f}"
        )
        kept.append(
            {
                "study": name,
                "integrator": str(integrator),
                "evaluations": evaluations,
                "growth_kB": growth,
                "growth_simulated_alone_kB": base,
                "resident_kB": held_kB,
                "resident_simulated_alone_kB": base_held_kB,
            }
        )
    keep("memory-growth", {"promise_kB": PROMISE_kB, "cases": kept})
