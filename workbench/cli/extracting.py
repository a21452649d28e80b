"""What the verb `features` does."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.cli.options import pairs
from workbench.cli.printing import Counted, console, notes, print_json, print_table
from workbench.cli.recorded import Reading
from workbench.cli.tables import writer_for
from workbench.errors import InputError
from workbench.features import Setting
from workbench.imports import import_targets
from workbench.recordings import (
    SETTINGS,
    USUAL,
    Group,
    Recordings,
    SweepFeatures,
    Targets,
    features_of,
    load_recordings,
    targets_of,
    write_targets,
)

_SWITCHES = {"true": True, "false": False}


def features(
    files: Sequence[str],
    reading: Reading,
    how: Mapping[str, Any],
    aims: Mapping[str, Any],
    out: Path | None,
    draw: Path | None,
    as_json: bool,
) -> None:
    """Print features of recordings, or write them as targets or as a table."""
    if files and all(file.endswith(".json") for file in files):
        _import(files, reading, out)
        return
    as_targets = out is not None and out.suffix == ".toml"
    write = None if as_targets else writer_for(out)
    recordings = _chosen(load_recordings(files, **reading), how["without"])
    for line in recordings.done:
        notes.print(line)
    found = _measured(recordings, how)
    if out is not None and write is not None:
        write(out, found.rows())
        notes.print(f"wrote {out}")
    if draw is None and not as_targets and out is not None:
        return
    targets = _targets(found, aims)
    if draw is not None:
        from workbench.reports.sweep_figure import draw_features

        notes.print(f"wrote {len(draw_features(targets, draw))} figures in {draw}")
    if as_targets and out is not None:
        for path in write_targets(targets, out, **_written(aims)):
            notes.print(f"wrote {path}")
    if as_json:
        print_json({"rheobase_nA": dict(found.rheobase_nA), "targets": targets.rows()})
    else:
        _print(targets)


def _import(files: Sequence[str], reading: Reading, out: Path | None) -> None:
    """Write what another tool extracted as the files of a study."""
    if out is None or out.suffix != ".toml" or len(files) > 2:
        raise InputError(
            "JSON files are features and their protocols, which become a study's: "
            "workbench features FEATURES.json PROTOCOLS.json --out targets.toml"
        )
    found = import_targets(*files, out=out, step=reading["step"])
    for line in (*found.done, *found.left):
        console.print(line)
    count = sum(len(one["features"]) for by in found.targets.values() for one in by.values())
    console.print(f"{count} targets of {len(found.targets)} protocols in {out}")


def _chosen(recordings: Recordings, without: str | None) -> Recordings:
    if without is None:
        return recordings
    reasons = [] if without == "all" else without.split(",")
    left, out = recordings.without(*reasons)
    for name, odd in out.items():
        notes.print(f"left out {name}: {'; '.join(one.words for one in odd)}")
    return left


def _measured(recordings: Recordings, how: Mapping[str, Any]) -> SweepFeatures:
    asked = how["features"]
    names = USUAL if asked is None else asked if asked == "all" else tuple(asked.split(","))
    settings = dict(SETTINGS) | dict(_setting(one) for one in how["settings"])
    window = None if how["window"] is None else _numbers(how["window"], "--window")
    if window is not None and len(window) != 2:
        raise InputError(f"--window {how['window']!r}: write --window BEGIN,END in ms")
    with Counted("sweeps") as counted:
        return features_of(
            recordings,
            names,
            settings=settings,
            window_ms=None if window is None else (window[0], window[1]),
            rheobase_nA=pairs(how["rheobase"], "--rheobase"),
            progress=counted,
        )


def _targets(found: SweepFeatures, aims: Mapping[str, Any]) -> Targets:
    lists = {
        name: None if aims[name] is None else _numbers(aims[name], f"--{name.replace('_', '-')}")
        for name in ("at", "at_nA")
    }
    return targets_of(
        found,
        **lists,
        tolerance=aims["tolerance"],
        tolerance_nA=aims["tolerance_nA"],
        floors=pairs(aims["floor"], "--floor"),
        over=aims["over"],
        least=aims["least"],
    )


def _written(aims: Mapping[str, Any]) -> dict[str, Any]:
    words = {name: aims[name] for name in ("relative", "traces", "add")}
    if aims["recording"] is None:
        return words
    name, equals, site = aims["recording"].partition("=")
    if not (name and equals and site):
        raise InputError(
            f"--recording {aims['recording']!r} cannot be read; write --recording NAME=SITE, such "
            "as dend=apical@400um"
        )
    return words | {"recording": (name, site)}


def _print(targets: Targets) -> None:
    for cell, nA in targets.features.rheobase_nA.items():
        said = "no step makes it fire" if nA is None else f"{nA:.4g} nA"
        console.print(f"rheobase of {cell}: {said}")
    print_table(
        ["protocol", "feature", ">mean", ">SD", ">floor", ">n", "sweeps"],
        [
            [
                group.name,
                aim.feature,
                f"{aim.mean:.6g}",
                f"{aim.sd:.4g}",
                f"{aim.floor:.3g}",
                str(aim.n),
                ", ".join(aim.sweeps),
            ]
            for group in targets.groups
            for aim in group.aims
        ],
    )
    for name, why in targets.unused.items():
        console.print(f"{name} is in no target: {why}")
    for group in targets.groups:
        for sweep, reasons in _lacking(group).items():
            first = next(iter(reasons.values()))
            console.print(f"{group.name}: {sweep} has no {', '.join(reasons)}; the first: {first}")


def _lacking(group: Group) -> dict[str, dict[str, str]]:
    """Return by sweep the features of which it has no value, with the reasons."""
    missing = {aim.feature: aim.missing for aim in group.aims if aim.missing}
    found: dict[str, dict[str, str]] = {}
    for feature, sweeps in {**missing, **group.without}.items():
        for sweep, reason in sweeps.items():
            found.setdefault(sweep, {})[feature] = reason
    return found


def _setting(given: str) -> tuple[str, Setting]:
    name, equals, value = given.partition("=")
    if not equals:
        raise InputError(f"--setting {given!r} cannot be read; write --setting NAME=VALUE")
    if value in _SWITCHES:
        return name, _SWITCHES[value]
    try:
        return name, float(value)
    except ValueError:
        return name, value


def _numbers(given: str, option: str) -> list[float]:
    try:
        return [float(part) for part in given.split(",")]
    except ValueError:
        raise InputError(
            f"{option} {given!r} cannot be read; write numbers with commas between them"
        ) from None
