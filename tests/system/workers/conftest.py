import os
import sys
from pathlib import Path

import pytest

IMPORTABLE = Path(__file__).parent / "importable"


@pytest.fixture(autouse=True, scope="module")
def tasks():
    """Return the module of tasks, importable here and in the children."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(IMPORTABLE)
        path = os.environ.get("PYTHONPATH")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(IMPORTABLE), *([path] if path else [])]))
        import worker_tasks

        yield worker_tasks
        sys.modules.pop("worker_tasks")
