"""Pictures of a page, made by the Python that the page shows."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def pictures(page: Path) -> dict[str, bytes]:
    """Return the files that a page's Python writes, by name."""
    with tempfile.TemporaryDirectory() as folder:
        given = written(page, Path(folder))
        run(page, Path(folder))
        made = (file for file in sorted(Path(folder).iterdir()) if file.is_file())
        return {file.name: file.read_bytes() for file in made if file not in given}


def written(page: Path, folder: Path) -> list[Path]:
    """Write the files that a page shows, whose first lines are their names; return them."""
    blocks = re.findall(
        r"^```toml\n# ([\w/]+\.toml)\n(.*?)^```", page.read_text("utf-8"), re.M | re.S
    )
    for name, text in blocks:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name, _ in blocks]


def run(page: Path, folder: Path) -> None:
    """Run a page's Python in a folder, as one program."""
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks)],
        cwd=folder,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{page}: {done.stderr}")
