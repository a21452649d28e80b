"""eFEL is loaded without Neo, whose import takes longer; who wants Neo has it."""

import subprocess
import sys

import pytest

BEFORE = "from workbench.features.efel_door import names; assert 'AP_height' in names(); import sys"
AFTER = "from neo import Block; import efel; assert efel.io.neo.Block is Block"


@pytest.mark.parametrize(
    "script",
    [
        f"{BEFORE}; assert 'neo.core' not in sys.modules",
        f"{BEFORE}; {AFTER}",
        f"{BEFORE}; import efel; Block = efel.io.neo.Block; import neo; assert neo.Block is Block",
        f"import neo; {BEFORE}; {AFTER}",
        f"import efel; {BEFORE}; {AFTER}",
    ],
)
def test_neo_is_loaded_when_it_is_used(script: str) -> None:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
