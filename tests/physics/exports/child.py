"""Stock BluePyOpt in a process of its own: `python -m tests.physics.exports.child ASKED ANSWERED`.

The two are files of pickles, since NEURON writes to both output streams.
"""

import pickle
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.exports.bluepyopt import to_bluepyopt
from workbench.fitting import Problem

ROOT = Path(__file__).parents[3]


def stock_scores(
    problem: Problem, rows: Sequence[Mapping[str, float]], file: Path | None = None
) -> list[dict[str, float]]:
    """Return what the exported evaluator gives for each parameter set."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "asked", Path(folder) / "answered"
        asked.write_bytes(pickle.dumps((problem, rows, file)))
        command = [sys.executable, "-m", "tests.physics.exports.child", str(asked), str(answered)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        found: list[dict[str, float]] = pickle.loads(answered.read_bytes())
    return found


if __name__ == "__main__":
    asked, answered = map(Path, sys.argv[1:])
    problem, rows, file = pickle.loads(asked.read_bytes())
    evaluator = to_bluepyopt(problem, file)
    answered.write_bytes(pickle.dumps([evaluator.evaluate_with_dicts(dict(row)) for row in rows]))
