"""What the verb `recordings` does."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

from workbench.cli.printing import console, notes, print_json, print_table
from workbench.cli.tables import writer_for
from workbench.errors import InputError
from workbench.recordings import Recordings, load_recordings


class Reading(TypedDict):
    """How files are read, in the words of `load_recordings`."""

    cell: str | None
    units: dict[str, str]
    columns: Sequence[str]
    step: Sequence[float] | None
    ljp_mV: float | None
    threshold_mV: float
    electrode: str | None


def reading(
    cell: str | None,
    units: Sequence[str],
    columns: str | None,
    step: str | None,
    ljp_mV: float | None,
    threshold_mV: float,
    electrode: str | None,
) -> Reading:
    """Return how files are to be read."""
    return {
        "cell": cell,
        "units": dict(_unit(one) for one in units),
        "columns": [name.strip() for name in (columns or "").split(",") if name.strip()],
        "step": None if step is None else _numbers(step),
        "ljp_mV": ljp_mV,
        "threshold_mV": threshold_mV,
        "electrode": electrode,
    }


def show_recordings(files: Sequence[str], how: Reading, out: Path | None, as_json: bool) -> None:
    """Print what recordings hold, or write it to a file."""
    write = writer_for(out)
    found = load_recordings(files, **how)
    rows, reliability = found.rows(), found.reliability()
    for line in found.done:
        notes.print(line)
    if out is not None:
        write(out, rows)
    if as_json:
        print_json({"sweeps": rows, "repeats": reliability})
    elif out is None:
        _print(found, rows, reliability)


def pulses(
    files: Sequence[str], how: Reading, out: Path, rest_mV: float, onset_ms: float, as_json: bool
) -> None:
    """Write the mean answers to small pulses, and print in which window they count."""
    found = load_recordings(files, **how).pulses()
    window_ms = [onset_ms + edge for edge in found.window_ms]
    written = [str(path) for path in found.write(out, rest_mV, onset_ms)]
    up, down = found.counts
    if as_json:
        print_json({"files": written, "window_ms": window_ms, "up": up, "down": down})
        return
    console.print(
        f"{up} pulses up and {down} down, {found.duration_ms:g} ms of {found.amplitude_nA:g} nA: "
        f"{', '.join(written)}"
    )
    console.print(f"window_ms = [{window_ms[0]:g}, {window_ms[1]:g}]")


def _print(
    found: Recordings, rows: list[dict[str, Any]], reliability: list[dict[str, Any]]
) -> None:
    numbers = {
        "onset_ms": "g",
        "duration_ms": "g",
        "amplitude_nA": ".4g",
        "holding_nA": ".4g",
        "sampling_kHz": "g",
        "spikes": "d",
    }
    names = ["cell", "sweep", "protocol", "stimulus", *numbers, "repeats", "odd"]
    right = {*numbers, "repeats"}
    print_table(
        [f">{name}" if name in right else name for name in names],
        [[_cell(row[name], numbers.get(name, "")) for name in names] for row in rows],
    )
    for name, odd in found.remarks.items():
        for remark in odd:
            console.print(f"{name}: {remark.words}")
    for row in reliability:
        least, most = row["spikes"]
        alike = ", ".join(
            f"{name.replace('_', ' ')} {value:.3f}"
            for name, value in row.items()
            if name.startswith(("explained", "coincidence"))
        )
        console.print(
            f"repeats {row['repeats']}: {row['sweeps']} sweeps of {row['cell']}, {least} to {most} "
            f"spikes; {alike}"
        )


def _cell(value: Any, form: str) -> str:
    return "" if value is None else format(value, form)


def _unit(given: str) -> tuple[str, str]:
    what, equals, unit = given.partition("=")
    if not equals:
        raise InputError(f"--unit {given!r} cannot be read; write --unit WHAT=UNIT, such as time=s")
    return what, unit


def _numbers(given: str) -> list[float]:
    try:
        return [float(part) for part in given.split(",")]
    except ValueError:
        raise InputError(
            f"--step {given!r} cannot be read; write --step DELAY,DURATION,CURRENT in ms, ms and nA"
        ) from None
