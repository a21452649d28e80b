"""The verb `export`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.calibration import checked_here
from workbench.cli.printing import console, notes, print_json, print_table
from workbench.exports.comparing import Nearness
from workbench.exports.exported import Exported
from workbench.exports.handing import hand_on
from workbench.runs.models import model_named
from workbench.studies import EngineChoice, with_engine


def export(
    name: str,
    form: str,
    out: Path | None,
    pick: str | None,
    params: str | None,
    morphology: str | None,
    protocols: Sequence[str],
    file: Path | None,
    python: Path | None,
    engine: EngineChoice,
    as_json: bool,
) -> None:
    """Write a model for another tool, and print how near it is to ours."""
    study, values, label = model_named(name, pick, params)
    study = with_engine(study, engine, "--", checked_here).on_morphology(morphology)
    folder = out or Path(f"{study.name}-{form}")
    made = hand_on(study, values, label, form, folder, notes.print, protocols, file, python)
    if as_json:
        print_json(_content(made))
        return
    if made.protocols:
        costly = any(one.cost is not None for one in made.protocols.values())
        columns = ["protocol", "steps of the export", "against the same steps here"]
        rows = [
            [
                protocol,
                str(one.integrator),
                str(one.nearness),
                *([str(one.cost or "the same")] if costly else []),
            ]
            for protocol, one in made.protocols.items()
        ]
        print_table([*columns, *(["against the study's own steps"] if costly else [])], rows)
    if made.scored is not None:
        said = f"scores of {made.scored.params} within {made.scored.apart_SD:.2g} SD of ours"
        if made.scored.cost_SD is not None:
            said += f", within {made.scored.cost_SD:.2g} SD of those in the study's own steps"
        console.print(f"{said} ({made.scored.integrator})")
    for one in made.left_behind:
        console.print(f"left behind: {one}")
    console.print(f"wrote {made.folder}")


def _content(made: Exported) -> dict[str, Any]:
    return {
        "folder": str(made.folder),
        "format": made.format,
        "protocols": {
            name: {
                "integrator": str(one.integrator),
                "same_steps": _near(one.nearness),
                "own_steps": None if one.cost is None else _near(one.cost),
            }
            for name, one in made.protocols.items()
        },
        "scores": None
        if made.scored is None
        else {
            "params": made.scored.params,
            "integrator": str(made.scored.integrator),
            "same_steps_SD": made.scored.apart_SD,
            "own_steps_SD": made.scored.cost_SD,
        },
        "left_behind": list(made.left_behind),
    }


def _near(one: Nearness) -> dict[str, Any]:
    parting = None if one.parting is None else str(one.parting)
    return {
        "exact": one.exact,
        "within_mV": one.apart_mV,
        "within_ms": one.shift_ms,
        "others_within": one.others,
        "parting": parting,
    }
