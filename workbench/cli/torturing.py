"""The verb `torture`."""

import dataclasses
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.cli.options import count
from workbench.cli.printing import console, notes, print_json, print_table
from workbench.errors import NotReproduced
from workbench.runs import prepare
from workbench.studies import load_study, plan_of
from workbench.torture import Account, Ordeal, torture


def run(
    name: str,
    ordeal: Ordeal,
    given: dict[str, Any],
    workers: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Torture a fit and print the account.

    Raises
    ------
    NotReproduced
        If the tortured run differs from the undisturbed one.
    """
    study = load_study(name)
    plan = plan_of(study, **given)
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    folder = (out or Path("runs") / f"torture-{study.name}-{stamp}").absolute()
    prepare(study, notes.print)

    def report(line: str) -> None:
        notes.print(line)

    account = torture(study, plan, ordeal, folder, count(workers), report)
    if as_json:
        found = {**dataclasses.asdict(account), "passed": account.passed, "folder": str(folder)}
        print_json(found)
    else:
        _print(account, ordeal, folder)
    if not account.passed:
        raise NotReproduced("the tortured run is not what the undisturbed one is; both are kept")


def _print(account: Account, ordeal: Ordeal, folder: Path) -> None:
    rows = [
        ["evaluations", str(account.evaluations), f"{account.nan} of them failed, as they should"],
        ["worker kills survived", str(account.worker_kills), f"asked for {ordeal.worker_kills}"],
        ["whole-job kills survived", str(account.job_kills), f"asked for {ordeal.job_kills}"],
        ["hangs survived", str(account.hangs), ""],
        ["segfaults survived", str(account.segfaults), ""],
        ["evaluations that differ", str(account.different), "to the last bit"],
        ["evaluations lost", str(account.lost), "of those written before a kill"],
        ["attempts repeated", str(account.repeated), f"{account.in_flight} could be in flight"],
        ["simulated twice", str(account.twice), "ended, not yet written when the job was killed"],
        ["undisturbed", f"{account.undisturbed_s:.0f} s", ""],
        ["tortured", f"{account.tortured_s:.0f} s", ""],
    ]
    print_table(["", ">", ""], rows, "The tortured fit beside the undisturbed one")
    console.print(f"both runs: {folder}")
