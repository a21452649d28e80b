"""Pictures of a page, made by the Python that the page shows."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def pictures(page: Path) -> dict[str, bytes]:
    """Return the files that a page's blocks write, by name; they are run as one program."""
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-c", "\n".join(blocks)],
            cwd=folder,
            env={**os.environ, "MPLBACKEND": "agg"},
            check=True,
        )
        return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}
