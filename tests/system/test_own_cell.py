"""docs/your-own-cell.md, followed word for word with a small cell and the shipped channels."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.system.command import REPOSITORY, Run

PAGE = (REPOSITORY / "docs" / "your-own-cell.md").read_text()
CELL = """\
1 1 0 0 0 8 -1
2 1 0 8 0 8 1
3 1 0 -8 0 8 1
4 3 8 0 0 1 1
5 3 120 0 0 0.8 4
6 3 200 60 0 0.5 5
7 3 200 -60 0 0.5 5
8 2 0 -8 0 0.5 3
9 2 0 -90 0 0.5 8
"""


def test_the_page_leads_to_a_fitted_cell(workbench: Run, tmp_path: Path) -> None:
    study = tmp_path / "my_cell"
    (study / "channels").mkdir(parents=True)
    for name in ("NaTa_t", "SKv3_1", "Ih"):
        source = REPOSITORY / "mechanisms" / "hay_l5b" / f"{name}.mod"
        shutil.copy(source, study / "channels")
    (study / "cell.swc").write_text(CELL)
    files = re.findall(r"```toml\n# (my_cell/\w+\.toml)\n(.*?)```", PAGE, re.DOTALL)
    assert len(files) == 4
    for name, text in files:
        (tmp_path / name).write_text(text)

    commands = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    assert len(commands) == 5
    for command in commands:
        workbench(*shlex.split(command))

    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "page.py").write_text(f"{code}\nassert len(evaluations) == 48\n")
    script = [sys.executable, str(tmp_path / "page.py")]
    done = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr

    assert (tmp_path / "first.csv").read_text().startswith("t_ms,soma.v,dend.v\n")
    assert (tmp_path / "runs" / "my_cell" / "report.html").is_file()
    assert len((tmp_path / "evaluations.csv").read_text().splitlines()) == 49
