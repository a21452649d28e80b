"""What was not tested is counted: tests that want somebody else's morphology are skipped."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cells import SKIPPED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = [str(report.longrepr[-1]) for report in terminalreporter.stats.get("skipped", [])]
    wanted = Counter(
        reason.partition(SKIPPED)[2].partition(";")[0].strip()
        for reason in reasons
        if SKIPPED in reason
    )
    if wanted:
        named = ", ".join(f"{name} ({count})" for name, count in sorted(wanted.items()))
        terminalreporter.write_line(
            f"{wanted.total()} tests skipped for want of morphologies: {named}. Name their folder "
            "in WORKBENCH_MORPHOLOGIES"
        )


@pytest.fixture
def folder_in_memory(tmp_path: Path) -> Iterator[Path]:
    """Return an empty folder; a ledger waits for the disk at each row, in memory it does not."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)
