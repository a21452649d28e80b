"""What the verb `electrotonic` does."""

from itertools import permutations
from typing import Any, cast

from workbench.cells import Electrotonic
from workbench.cells.electrotonic import Gates
from workbench.cli.options import pairs
from workbench.cli.printing import console, print_json, print_table
from workbench.engines.resting import electrotonic_at_rest
from workbench.runs import with_params
from workbench.studies import load_study
from workbench.workers import ProcessWorkers


def electrotonic(
    name: str,
    params: str | None,
    changes: list[str],
    morphology: str | None,
    sites: list[str],
    gates: str,
    frequency_Hz: float,
    as_json: bool,
) -> None:
    """Print the cable measures of a study's cell, at sites and between them."""
    study, values = with_params(load_study(name), params)
    recipe = study.on_morphology(morphology).problem.recipe.with_values(
        values | pairs(changes, "--set")
    )
    with ProcessWorkers(1) as workers:
        found = electrotonic_at_rest(recipe, workers, cast("Gates", gates))
    told: dict[str, Any] = {
        "gates": gates,
        "mean_path": found.mean_path,
        "time_constants_ms": None if gates == "following" else found.time_constants_ms(),
        "regions": _regions(found),
        "sites": [
            {"site": site, "input_MOhm": found.input_MOhm(site, frequency_Hz)} for site in sites
        ],
        "pairs": [_pair(found, one, other, frequency_Hz) for one, other in permutations(sites, 2)],
    }
    if as_json:
        print_json({"frequency_Hz": frequency_Hz, **told})
        return
    console.print(f"gates {gates}; mean path {found.mean_path:.4g} space constants")
    if told["time_constants_ms"]:
        shown = ", ".join(f"{tau:.4g}" for tau in told["time_constants_ms"])
        console.print(f"slowest time constants {shown} ms")
    for rows in (told["regions"], told["sites"], told["pairs"]):
        _print(rows)


def _regions(found: Electrotonic) -> list[dict[str, Any]]:
    rows = []
    for region in found.morphology.region_names:
        if indices := list(found.morphology.indices(region)):
            rows.append(
                {
                    "region": region,
                    "sections": len(indices),
                    "length_um": found.morphology.length_um(region),
                    "mean_lambda_um": float(found.lambda_um[indices].mean()),
                    "length_lambda": float(found.lengths[indices].sum()),
                }
            )
    return rows


def _pair(found: Electrotonic, one: str, other: str, frequency_Hz: float) -> dict[str, Any]:
    return {
        "from": one,
        "to": other,
        "transfer_MOhm": found.transfer_MOhm(one, other, frequency_Hz),
        "log_attenuation": found.log_attenuation(one, other, frequency_Hz),
    }


def _print(rows: list[dict[str, Any]]) -> None:
    if rows:
        texts = [
            [f"{v:.6g}" if isinstance(v, float) else str(v) for v in row.values()] for row in rows
        ]
        heads = [key if isinstance(rows[0][key], str) else f">{key}" for key in rows[0]]
        print_table(heads, texts)
