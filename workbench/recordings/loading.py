"""Recordings from files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError, unknown
from workbench.inputs import is_file
from workbench.recordings.quality import PUBLISHED, Limits
from workbench.recordings.raw import Raw, check_units
from workbench.recordings.readers import Asked, reader_of
from workbench.recordings.recordings import Recordings
from workbench.recordings.sweep import SPIKE_mV, Sweep
from workbench.units import amount

FOLDER = "folder"
Named = str | Path


def load_recordings(
    files: Named | Iterable[Named] | Mapping[str, Iterable[Named]],
    *,
    cell: str | None = None,
    units: Mapping[str, str] = MappingProxyType({}),
    columns: Sequence[str] = (),
    step: Sequence[float] | None = None,
    ljp_mV: float | None = None,
    threshold_mV: float = SPIKE_mV,
    electrode: str | None = None,
    limits: Limits = PUBLISHED,
) -> Recordings:
    """Return the sweeps of current-clamp recordings.

    NWB 2, ABF 1 and 2, Igor's binary waves in pairs, CSV and texts of columns. Units are those that
    the files state; what a file does not state is asked for, and never guessed.

    Parameters
    ----------
    files
        A file or several, or by the names of cells the files of each. Igor's waves belong together
        where their names differ in the channel alone (`B95_Ch0_IDRest_107.ibw`,
        `B95_Ch3_IDRest_107.ibw`); others are named as `VOLTAGE.ibw+CURRENT.ibw`.
    cell
        Whose they all are; "folder": each folder is a cell. Without it an NWB file, an ABF file or
        a text is a cell, and Igor's waves are of the cell that their names begin with.
    units
        Of "time", "v" and "i", where a file states none: `{"time": "s"}`.
    columns
        Names of a text's columns with their units, where its first line has none:
        `["time_ms", "v_mV"]`.
    step
        For files that hold no current: when it begins and how long it lasts (ms), and its current
        (nA), one for all sweeps of a file or one for each.
    ljp_mV
        The liquid junction potential; it is subtracted from the voltage of all files, once.
    threshold_mV
        What the voltage crosses upwards in a spike.
    electrode
        Whose sweeps are returned, by its name in NWB files with several; all without it.
    limits
        Beyond which a sweep is odd.

    Raises
    ------
    InputError
        If a file cannot be read, or does not say what has to be known; with what to give.
    """
    check_units(dict(units))
    given_mV = None if ljp_mV is None else amount("ljp_mV", ljp_mV)
    amount("threshold_mV", threshold_mV)
    asked = Asked(dict(units), tuple(columns))
    sweeps: list[Sweep] = []
    for group, whose in _groups(files, cell):
        for sweep in _read(group, whose, asked, step, given_mV, threshold_mV):
            sweeps.append(_named(sweep, {one.name for one in sweeps}))
    if not sweeps:
        raise InputError("no files were given; name recordings, such as cell.nwb")
    if electrode is not None:
        names = sorted({one.facts.electrode for one in sweeps if one.facts.electrode})
        if electrode not in names:
            raise InputError(unknown("electrode", electrode, names))
        sweeps = [one for one in sweeps if one.facts.electrode == electrode]
    done = f"a liquid junction potential of {given_mV or 0:g} mV was subtracted from all voltages"
    return Recordings(tuple(sweeps), limits, () if given_mV is None else (done,))


def _groups(
    files: Named | Iterable[Named] | Mapping[str, Iterable[Named]], cell: str | None
) -> Iterator[tuple[tuple[Path, ...], str]]:
    """Yield the files that are read together, with the cell's name where the user gave one."""
    if isinstance(files, Mapping):
        if cell is not None:
            raise InputError("cell: the files are given by cell already; leave it out")
        for name, some in files.items():
            for group, _ in _groups(some, None):
                yield group, name
        return
    named = [files] if isinstance(files, str | Path) else list(files)
    waves: list[Path] = []
    groups: list[tuple[Path, ...]] = []
    for one in named:
        path = Path(one).expanduser()
        if "+" in str(one) and not is_file(path):
            groups.append(tuple(Path(part).expanduser() for part in str(one).split("+")))
        elif path.suffix.lower() == ".ibw":
            waves.append(path)
        else:
            groups.append((path,))
    if waves:
        from workbench.recordings.readers.ibw import paired

        groups += paired(waves)
    for group in groups:
        yield group, group[0].absolute().parent.name if cell == FOLDER else cell or ""


def _read(
    paths: tuple[Path, ...],
    cell: str,
    asked: Asked,
    step: Sequence[float] | None,
    ljp_mV: float | None,
    threshold_mV: float,
) -> Iterator[Sweep]:
    found = reader_of(paths[0])(paths, asked)
    names = tuple(str(path) for path in paths)
    for place, raw in enumerate(found):
        where = f"{names[0]}: {raw.name}"
        i_nA = raw.i_nA
        if i_nA is None:
            i_nA = _given_step(where, raw, step, place, len(found))
        elif step is not None:
            raise InputError(f"{where}: the file holds its current; leave out step")
        yield Sweep(
            cell or raw.cell or paths[0].stem,
            raw.name,
            raw.protocol,
            names,
            raw.dt_ms,
            raw.v_mV - (ljp_mV or 0.0),
            i_nA,
            ljp_mV,
            raw.facts,
            threshold_mV,
        )


def _given_step(
    where: str, raw: Raw, step: Sequence[float] | None, place: int, count: int
) -> Floats:
    """Return the current of a step that the user gives for a file without one."""
    if step is None:
        raise InputError(
            f"{where}: it holds no current: {raw.lacks_current}. Give the step: --step "
            "DELAY_ms,DURATION_ms,CURRENT_nA (Python: step=(delay_ms, duration_ms, current_nA)), "
            "with a current for each sweep if they differ"
        )
    if len(step) not in (3, 2 + count):
        raise InputError(
            f"step: it has {len(step)} numbers; give delay and duration in ms and one current in "
            f"nA, or one for each of the file's {count} sweeps"
        )
    delay_ms, duration_ms = amount("step delay_ms", step[0]), amount("step duration_ms", step[1])
    current_nA = amount("step current_nA", step[2] if len(step) == 3 else step[2 + place])
    t_ms = np.arange(raw.v_mV.size) * raw.dt_ms
    if not (delay_ms >= 0 and duration_ms > 0 and delay_ms + duration_ms <= t_ms[-1] + raw.dt_ms):
        raise InputError(
            f"step: from {delay_ms:g} for {duration_ms:g} ms; {where} lasts "
            f"{raw.v_mV.size * raw.dt_ms:g} ms, and the step must lie within"
        )
    half_ms = raw.dt_ms / 2
    inside = (t_ms >= delay_ms - half_ms) & (t_ms < delay_ms + duration_ms - half_ms)
    return np.where(inside, current_nA, 0.0)


def _named(sweep: Sweep, taken: set[str]) -> Sweep:
    """Return a sweep under a name that is not taken: with its cell's before it, then a number."""
    from dataclasses import replace

    names = [sweep.name, f"{sweep.cell}_{sweep.name}"]
    number = 2
    while names[0] in taken:
        names = names[1:] or [f"{sweep.cell}_{sweep.name}_{number}"]
        number += 1
    return sweep if names[0] == sweep.name else replace(sweep, name=names[0])
