"""`workbench torture`: a fit that is killed again and again is the fit that was left in peace."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.system.command import Refused, Run

SIZE = ["--population", 8, "--generations", 5, "--workers", 2, "--seed", 1]
FAULTS = ["--worker-kills", 2, "--job-kills", 2, "--hangs", 0.03, "--segfaults", 0.03]


def table(run: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(run / "ledger.sqlite")) as db:
        return list(db.execute("SELECT * FROM evaluations ORDER BY generation, individual"))


def outcomes(run: Path) -> list[str]:
    with closing(sqlite3.connect(run / "ledger.sqlite")) as db:
        return [outcome for (outcome,) in db.execute("SELECT outcome FROM attempts")]


def test_a_tortured_fit_is_the_undisturbed_one(workbench: Run, tmp_path: Path) -> None:
    done = workbench(
        "torture", "hodgkin_huxley", *SIZE, *FAULTS, "--nan", 0.1, "--out", "ordeal", "--json"
    )
    account = json.loads(done.stdout)
    undisturbed, tortured = tmp_path / "ordeal" / "undisturbed", tmp_path / "ordeal" / "tortured"
    rows = table(undisturbed)
    assert [row[:2] for row in rows] == [(g, i) for g in range(5) for i in range(8)]
    assert table(tortured) == rows
    statuses = [row[3] for row in rows]
    assert 0 < statuses.count("NOT_FINITE") < 10
    assert statuses.count("OK") + statuses.count("NOT_FINITE") == 40

    assert set(outcomes(undisturbed)) == {"done"}
    said = outcomes(tortured)
    assert said.count("done") == 40, "what the ledger held was not simulated again"
    lost = [outcome for outcome in said if outcome != "done"]
    assert {word for word in ("SIGALRM", "SIGSEGV", "longer") if word in " ".join(lost)}
    injected = account["worker_kills"] + account["hangs"] + account["segfaults"]
    assert len(lost) <= injected

    assert (account["worker_kills"], account["job_kills"]) == (2, 2)
    assert (account["hangs"], account["segfaults"]) == (1, 1)
    assert (account["different"], account["lost"], account["passed"]) == (0, 0, True)
    assert account["twice"] <= account["repeated"] <= 8
    assert "job killed 2 of 2" in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--hangs", 1.5], "hangs is 1.5, it must be a share"),
        (["--job-kills", -1], "job_kills is -1, it must be at least 0"),
    ],
)
def test_an_impossible_ordeal_is_refused(refused: Refused, options: list[Any], says: str) -> None:
    assert says in refused("torture", "hodgkin_huxley", *options)


def test_a_folder_that_is_there_is_refused(refused: Refused, tmp_path: Path) -> None:
    said = refused("torture", "hodgkin_huxley", "--out", tmp_path)
    assert "exists; name a new folder" in said
