"""The table and the figure of docs/performance.md, from the newest results of `error_vs_work`.

python -m tests.bench.error_vs_work_page
"""

import json
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

from tests.bench.error_vs_work import CELLS
from tests.bench.results import FOLDER

FIGURE = Path(__file__).parents[2] / "docs" / "error-vs-work.svg"
ERRORS_mV = (0.1, 0.02, 0.005)
ATOL = 1e-3
LEAST_ms = 1e-3
COLOURS = {"lanes": "C0", "NEURON, adaptive": "C1", "CVODE": "0.4"}


def main() -> None:
    cells = {name: found for name in CELLS if (found := newest(name))}
    print(table(cells))
    draw(cells)


def newest(name: str) -> dict[str, Any]:
    """Return the newest result of a cell, or nothing."""
    files = FOLDER.glob(f"*-error-vs-work-{name.replace(' ', '-')}.json")
    found: dict[str, Any] = (
        json.loads(file.read_text()) if (file := max(files, default=None)) else {}
    )
    return found


def table(cells: dict[str, dict[str, Any]]) -> str:
    """Return shifts and steps of some settings, and costs at 0.1 ms beside CVODE's, as Markdown."""
    titles = ["cell (segments)", "spikes", "CVODE 1e-3", *(f"{mV:g} mV" for mV in ERRORS_mV)]
    titles += ["lanes at 0.1 ms", "NEURON at 0.1 ms"]
    lines = [titles, ["---"] * len(titles)]
    for name, one in cells.items():
        ways, costs = one["ways"], one["at_ms"]["0.1"]
        told = [said(run) for run in ways["CVODE"] if run["setting"] == ATOL]
        told += [said(run) for mV in ERRORS_mV for run in ways["lanes"] if run["setting"] == mV]
        told += [share(costs[way], costs["CVODE"]) for way in ("lanes", "NEURON, adaptive")]
        spikes = str(len(one["true"]["spikes_ms"]))
        lines.append([f"{name} ({one['segments']})", spikes, *told])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def said(run: dict[str, Any]) -> str:
    off = f"**{-run['lost']:+d} spikes**" if run["lost"] else f"{run['shift_ms']:.2f}"
    return f"{off}, {run['steps']}"


def share(cost_s: float | None, base_s: float | None) -> str:
    return f"{cost_s / base_s:.2f}" if cost_s and base_s else "-"


def draw(cells: dict[str, dict[str, Any]]) -> None:
    """Draw the largest shift of a spike against processor time, a panel for each cell."""
    plt.rcParams.update({"font.size": 8, "svg.fonttype": "none", "svg.hashsalt": "error-vs-work"})
    figure, panels = plt.subplots(2, 4, figsize=(9, 4.6), sharey=True, layout="constrained")
    for panel, (name, one) in zip(panels.flat, cells.items(), strict=False):
        for way, colour in COLOURS.items():
            runs = [run for run in one["ways"][way] if not run["lost"]]
            shifts_ms = [max(run["shift_ms"], LEAST_ms) for run in runs]
            times_ms = [1e3 * run["cpu_s"] for run in runs]
            panel.loglog(times_ms, shifts_ms, "o-", color=colour, ms=3, lw=1, label=way)
        panel.axhline(0.1, color="0.8", lw=0.8, zorder=0)
        panel.minorticks_off()
        panel.set_title(name, fontsize=8)
    for panel in panels[:, 0]:
        panel.set_ylabel("farthest spike, ms off")
    for panel in panels[1]:
        panel.set_xlabel("processor time, ms")
    last = panels.flat[-1]
    last.axis("off")
    last.legend(*panels.flat[0].get_legend_handles_labels(), loc="center", frameon=False)
    figure.savefig(FIGURE, metadata={"Date": None})


if __name__ == "__main__":
    main()
