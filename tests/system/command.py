"""How the tests start the command line."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]
Refused = Callable[..., str]
REPOSITORY = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from workbench.cli import main; main()"]
