import subprocess
import sys

HEAVY = "{'neuron', 'deap', 'bluepyopt', 'cma', 'efel', 'scipy', 'matplotlib', 'pandas'}"


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_room_opens_without_deap():
    """If this fails: import the library inside the search's own module, never above it."""
    assert run(f"import sys, workbench.search; print({HEAVY} & sys.modules.keys())") == "set()"


def test_the_searches_load_no_simulator_and_do_not_draw_when_imported():
    code = f"""
import random, sys, numpy
random.seed(1)
before = random.getstate(), str(numpy.random.get_state())
from workbench.search import ALGORITHMS, STEADY, make_search
for name in ALGORITHMS:
    search = make_search(name, 3, 2, 4, seed=1)
    search.propose(0) if name in STEADY else search.ask()
same = before == (random.getstate(), str(numpy.random.get_state()))
print(same, sorted({HEAVY} & sys.modules.keys()), 'bluepyopt.ephys' in sys.modules)
"""
    assert run(code) == "True ['bluepyopt', 'deap'] False"
