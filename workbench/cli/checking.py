"""What `morphology check` does."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from workbench.cli.morphologies import Reading, regions_of
from workbench.cli.printing import console, print_json, print_table
from workbench.errors import InputError, MorphologyError
from workbench.morphology import (
    REGIONS,
    Finding,
    GivenRegion,
    Mending,
    Morphology,
    Size,
    convert_morphology,
    load_morphology,
    mend_morphology,
    path_of,
    sizes_apart,
    sizes_in_neurom,
    sizes_in_neuron,
)
from workbench.morphology import check_morphology as oddities_of

SHOWN = 5
"""Findings of one kind that are printed."""


@dataclass
class _Checked:
    """What came of one file."""

    file: str
    cell: Morphology | None = None
    findings: tuple[Finding, ...] = ()
    neuron: dict[str, Size] = field(default_factory=dict)
    neurom: dict[str, Size] = field(default_factory=dict)
    not_in_neurom: str = ""
    mending: Mending | None = None
    written: str = ""
    not_written: str = ""

    @property
    def errors(self) -> int:
        """How many errors are there, or left where a mended copy was asked for."""
        after = self.findings if self.mending is None else self.mending.left
        return sum(one.severity == "error" for one in after)


def check_morphology(
    files: Sequence[str],
    fix: bool,
    out: Path | None,
    reading: Reading,
    regions: Path | None,
    as_json: bool,
) -> None:
    """Print the sizes of files' cells and what is odd about them; with `fix`, write mended copies.

    Named regions have their sizes beside those of the four.

    Raises
    ------
    MorphologyError
        If one of them could not be simulated.
    """
    if out is not None and not fix:
        raise InputError(f"--out {out} is for mended copies; add --fix, or leave it out")
    if out is not None and out.suffix and len(files) > 1:
        raise InputError(f"--out {out} is one file, and {len(files)} are checked; name a folder")
    done, named = [], regions_of(regions)
    for file in files:
        checked = _checked(file, reading, named)
        if fix:
            _mend(checked, _copy_of(file, out), reading)
        done.append(checked)
        if not as_json:
            _print(checked)
    if as_json:
        records = [_record(one) for one in done]
        print_json(records[0] if len(files) == 1 else records)
    if said := [why for one in done if (why := _refusal(one))]:
        raise MorphologyError("\n".join(said))


def _checked(file: str, reading: Reading, regions: Mapping[str, GivenRegion]) -> _Checked:
    try:
        path = path_of(file)
        cell = load_morphology(path, **reading)
    except MorphologyError as error:
        fixable = _can_be_mended(file, reading)
        return _Checked(file, findings=(Finding("file", "", str(error), "error", fixable=fixable),))
    neurom, missing = dict[str, Size](), ""
    try:
        neurom = sizes_in_neurom(path, unit=reading["unit"], kinds=reading["kinds"])
    except MorphologyError as error:
        missing = str(error)
    findings = (*oddities_of(cell), *(sizes_apart(cell, neurom) if neurom else ()))
    sizes = sizes_in_neuron(cell.with_regions(regions))
    return _Checked(file, cell, findings, sizes, neurom, missing)


def _can_be_mended(file: str, reading: Reading) -> bool:
    try:
        return bool(mend_morphology(file, **reading).done)
    except MorphologyError:
        return False


def _copy_of(file: str, out: Path | None) -> Path:
    """Return where a mended copy goes: beside nothing else, in this folder, unless it is said."""
    name = f"{Path(file).stem}_mended.swc"
    if out is None:
        return Path(name)
    return out if out.suffix else out / name


def _mend(checked: _Checked, copy: Path, reading: Reading) -> None:
    """Write a mended copy, if there is anything to mend."""
    source = Path(os.path.expanduser(checked.file))
    if source.exists() and copy.exists() and source.samefile(copy):
        raise InputError(f"{copy} is the file itself, which is never written over; name another")
    try:
        checked.mending = mend_morphology(checked.file, **reading)
    except MorphologyError:
        return
    if not checked.mending.done:
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        convert_morphology(checked.mending.morphology, copy)
    except MorphologyError as error:
        checked.not_written = str(error)
        return
    checked.written = str(copy)


def _refusal(checked: _Checked) -> str:
    if checked.cell is None and checked.mending is None:
        return checked.findings[0].message
    if checked.not_written:
        return checked.not_written
    if not checked.errors:
        return ""
    where = checked.written or checked.file
    return f"{where} cannot be simulated (errors: {checked.errors})"


def _print(checked: _Checked) -> None:
    file, cell = checked.file, checked.cell
    if cell is None:
        hint = "; --fix can mend it" * checked.findings[0].fixable
        console.print(f"{file}: it cannot be read{hint}")
    else:
        counts = ", ".join(f"{len(cell.indices(r))} {r}" for r in REGIONS if cell.indices(r))
        size = f"{cell.length_um():.2f} um, {cell.area_um2():.2f} um2"
        console.print(f"{file}: {len(cell)} sections ({counts}), {size}")
        _print_sizes(checked)
    if checked.mending is None:
        _print_findings(checked.findings if cell is not None else ())
        return
    if checked.written:
        console.print(f"  {checked.written} is a mended copy:")
        for words in checked.mending.done:
            console.print(f"    {words}")
    else:
        console.print("  nothing was mended, and nothing written")
    if checked.mending.left:
        console.print("  and what is left:")
        _print_findings(checked.mending.left)


def _print_sizes(checked: _Checked) -> None:
    rows = []
    for region in dict.fromkeys((*checked.neuron, *checked.neurom)):
        sizes = [one.get(region) for one in (checked.neuron, checked.neurom)]
        rows.append([f"  {region}", *(word for size in sizes for word in _words(size))])
    heads = [">sections", ">um", ">um2"]
    print_table(["  as NEURON has it", *heads, ">in NeuroM", *heads[1:]], rows)
    if checked.not_in_neurom:
        console.print(f"  {checked.not_in_neurom}")


def _words(size: Size | None) -> list[str]:
    if size is None:
        return ["", "", ""]
    count = "-" if size.sections is None else str(size.sections)
    length = "-" if size.length_um is None else f"{size.length_um:.2f}"
    return [count, length, f"{size.area_um2:.2f}"]


def _print_findings(findings: Sequence[Finding]) -> None:
    """Print findings, the first ones of each kind."""
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for one in findings:
        seen[one.severity, one.check] += 1
        if seen[one.severity, one.check] > SHOWN:
            continue
        console.print(f"  {one.severity}: {one.message}")
        if one.mend:
            console.print(f"    {one.mend}")
    for (severity, check), count in seen.items():
        if count > SHOWN:
            console.print(f"  {severity}: {count - SHOWN} more of {check}; --json has them all")


def _record(checked: _Checked) -> dict[str, Any]:
    cell = checked.cell
    found: dict[str, Any] = {
        "file": checked.file,
        "sections": {region: size.sections for region, size in checked.neuron.items()},
        "findings": [asdict(one) for one in checked.findings],
        "length_um": None if cell is None else cell.length_um(),
        "area_um2": None if cell is None else cell.area_um2(),
        "soma_area_um2": None if cell is None else cell.area_um2("somatic"),
        "neuron": {region: asdict(size) for region, size in checked.neuron.items()},
        "neurom": {region: asdict(size) for region, size in checked.neurom.items()},
    }
    if checked.mending is not None:
        found["written"] = checked.written
        found["done"] = list(checked.mending.done)
        found["left"] = [asdict(one) for one in checked.mending.left]
    return found
