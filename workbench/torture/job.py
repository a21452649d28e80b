"""The job that is killed: `python -m workbench.torture.job ORDER.json`.

It begins the run in a folder or goes on with it, and says the key of each evaluation on a line of
its own as soon as it is in the ledger.
"""

import json
import sys
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.evaluations import Row
from workbench.runs import start_or_resume
from workbench.runs.facts import plan_told_by
from workbench.studies import load_study
from workbench.torture.faults import Faults, TorturedWorkers
from workbench.workers import ProcessWorkers


def main() -> None:
    """Do what the order says."""
    order = json.loads(Path(sys.argv[1]).read_text())
    study, plan = load_study(Path(order["study"])), plan_told_by(order)
    faults = Faults(**order["faults"])
    try:
        with ProcessWorkers(order["workers"], order["limit_s"]) as pool:
            workers = TorturedWorkers(pool, faults)
            start_or_resume(study, plan, Path(order["folder"]), workers, [_say])
    except WorkbenchError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


def _say(row: Row) -> None:
    print(row.generation, row.individual, flush=True)


if __name__ == "__main__":
    main()
