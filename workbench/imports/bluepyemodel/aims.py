"""Protocols and features as tables of a study, and a sentence for each that is left out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.errors import InputError
from workbench.features import check_settings
from workbench.imports.bluepyemodel.currents import Current, current_of
from workbench.imports.bluepyemodel.fitness import SEARCHES, Aim, Sweep
from workbench.imports.bluepyemodel.model import TAPERED
from workbench.imports.bluepyemodel.relative import SEARCHED, THRESHOLD, Searches, relative
from workbench.morphology import ARRAYS

_SOMA = "soma(0.5)"
_EFEL_THRESHOLD_mV = -20.0
_OF_WINDOWS = ("stim_start", "stim_end")
_FIT = "dendrite_backpropagation_fit"
_OF_SEVERAL_STIMULI = "multiple_decay_time_constant_after_stim"


@dataclass
class Aims:
    """Tables of protocols.toml and targets.toml; `left` says what is not in them."""

    protocols: dict[str, Any] = field(default_factory=dict)
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def aims_of(sweeps: Sequence[Sweep], aims: Sequence[Aim], has_myelin: bool) -> Aims:
    """Return what a study has of protocols and features.

    Parameters
    ----------
    has_myelin
        Whether the axon is BluePyEModel's own, whose initial segment is ten sections here.
    """
    found, searches = Aims(), Searches.of(aims)
    _search(sweeps, aims, searches, found)
    for sweep in sweeps:
        if sweep.name not in SEARCHES:
            wanted = [one for one in aims if one.protocol == sweep.name]
            _add(sweep, wanted, has_myelin, found, searches)
    for aim in aims:
        if "[" in aim.protocol:
            found.left.append(
                f"{aim.protocol}.{aim.name}: it is of several protocols. It is left out."
            )
    return found


def _search(sweeps: Sequence[Sweep], aims: Sequence[Aim], searches: Searches, found: Aims) -> None:
    """Add the searches that come before all protocols, and say what of them is left out."""
    if searches.hold_mV is not None:
        found.protocols |= searches.protocols()
        found.targets |= searches.targets()
        found.done.append(
            f"The searches are protocols relative to the cell: it is held at {searches.hold_mV:g} "
            f"mV, and `{THRESHOLD}` seeks the rheobase of a step of 2 s, to 1 % and not to 0.01 "
            "nA. The resting potential is the voltage after 500 ms; `RinProtocol` is a step of "
            "-0.02 nA on the hold."
        )
    named = [one.name for one in sweeps if one.name in SEARCHES]
    for name in dict.fromkeys((*named, *(one.protocol for one in aims if one.of_search))):
        left = [one for one in aims if one.protocol == name and not searches.has(one)]
        if left or (searches.hold_mV is None or name not in SEARCHED):
            found.left.append(
                f"{name}: a search that comes before the protocols. What a study has of it needs "
                "the voltage at which the cell is held, the feature steady_state_voltage_stimend "
                f"of SearchHoldingCurrent. It is left out{_with(left)}."
                if searches.hold_mV is None or name not in SEARCHED
                else f"{name}: {', '.join(one.name for one in left)}: a study has none of a search."
            )


def _features(aims: Sequence[Aim]) -> str:
    return "a feature" if len(aims) == 1 else f"{len(aims)} features"


def _with(aims: Sequence[Aim]) -> str:
    return f" with {_features(aims)}" if aims else ""


def _add(
    sweep: Sweep, aims: Sequence[Aim], has_myelin: bool, found: Aims, searches: Searches
) -> None:
    """Add a protocol with its features, or the reason why it is left out."""
    parameters: dict[str, Any] = {}
    if not sweep.in_nA:
        sought = relative(sweep, searches)
        if isinstance(sought, str):
            found.left.append(
                f"Protocol {sweep.name} ({sweep.kind}): its currents are in per cent of a "
                f"threshold, and {sought}. It is left out{_with(aims)}."
            )
            return
        stimulus, percent = sought
        sweep = replace(sweep, stimuli=(stimulus,))
        parameters = {"parameters": searches.parameters(percent)}
    current, site = _current(sweep, has_myelin)
    if not isinstance(current, Current):
        found.left.append(f"Protocol {sweep.name}: {current}. It is left out{_with(aims)}.")
        return
    places = dict(_places(sweep, has_myelin, found))
    if sweep.validation and aims:
        found.left.append(
            f"Protocol {sweep.name} is one of validation: it can be simulated, and the targets "
            f"leave out {_features(aims)} of it."
        )
        aims = []
    locations: dict[str, str] = {}
    for recording in places:
        locations[_free_name(recording, locations)] = recording
    tables = _tables(sweep, aims, current, locations, found)
    found.targets |= {sweep.name: tables} if tables else {}
    found.protocols[sweep.name] = {
        "duration_ms": current.duration_ms,
        "stimuli": [{**one, "site": site} for one in current.stimuli],
        **parameters,
        "recordings": {
            name: _recorded(places[recording], recording) for name, recording in locations.items()
        },
    }


def _current(sweep: Sweep, has_myelin: bool) -> tuple[Current | str, str]:
    """Return the current of a protocol, or why there is none, and its site."""
    if len(sweep.stimuli) != 1:
        return f"it has {len(sweep.stimuli)} stimuli, and BluePyEModel runs those with one", ""
    [stimulus] = sweep.stimuli
    site = _site(stimulus.location, has_myelin)
    if site is None:
        return f"what it injects goes into {stimulus.location!r}, which a study cannot say", ""
    return current_of(sweep.name, stimulus), site


def _site(location: Any, has_myelin: bool) -> str | None:
    """Return the site of a location in BluePyEModel's words, or nothing if there is none."""
    if location in (None, "soma"):
        return _SOMA
    if location == "ais":
        # The middle of five segments of 6 um, or of a stub.
        return "axon[2](0.5)" if has_myelin else "axon[0](0.5)"
    if not isinstance(location, Mapping):
        return None
    of: Any = location.get("seclist_name")
    tapers = has_myelin and of == "axonal"
    match location.get("type"):
        case "CompRecording" if location.get("location") in ("soma", "ais"):
            return _site(location["location"], has_myelin)
        case "somadistance" if isinstance(location.get("somadistance"), float | int):
            return f"{TAPERED if tapers else of}@{location['somadistance']:g}um last"
        case "nrnseclistcomp" if of in ARRAYS and not tapers:
            return f"{ARRAYS[of]}[{location.get('sec_index')}]({location.get('comp_x')})"
    return None


def _places(sweep: Sweep, has_myelin: bool, found: Aims) -> Iterator[tuple[str, str]]:
    """Yield the recordings of a protocol with their sites."""
    for name, one in sweep.recordings.items():
        site = _site(one.model_dump(exclude_none=True), has_myelin)
        if site is None:
            found.left.append(f"Recording {sweep.name}.{name} ({one.type}): it cannot be said.")
        else:
            yield name, site


def _recorded(site: str, recording: str) -> str | dict[str, str]:
    variable = recording.rpartition(".")[2]
    return site if variable == "v" else {"site": site, "variable": variable}


def _free_name(recording: str, taken: Mapping[str, str]) -> str:
    """Return a name for a recording: its location's, with a number if that is taken."""
    location = recording.rpartition(".")[0]
    number, name = 1, location
    while name in taken:
        number += 1
        name = f"{location}_{number}"
    return name


def _tables(
    sweep: Sweep, aims: Sequence[Aim], current: Current, locations: dict[str, str], found: Aims
) -> dict[str, Any]:
    """Return the targets of a protocol; a recording that is read in two ways gets two names."""
    tables: dict[str, Any] = {}
    for aim in aims:
        if why := _why_not(aim, locations.values()):
            found.left.append(f"{sweep.name}.{aim.recording}.{aim.name}: {why}. It is left out.")
            continue
        table = _table(sweep, current, aim, found)
        names = [name for name, one in locations.items() if one == aim.recording]
        name = next((one for one in names if _fits(tables.get(one), table)), "")
        if not name:
            name = _free_name(aim.recording, locations)
            locations[name] = aim.recording
            found.done.append(
                f"{sweep.name}: `{name}` is {aim.recording} once more, for features that are "
                "measured otherwise than its others."
            )
        before = tables.setdefault(name, {**table, "features": {}})
        before["features"] |= table["features"]
        if weights := before.get("weights", {}) | table.get("weights", {}):
            before["weights"] = weights
    return tables


def _why_not(aim: Aim, recordings: Iterable[str]) -> str:
    """Return why a study cannot have a feature, or an empty text."""
    if aim.recordings > 1 or _FIT in aim.name:
        return "it is of several recordings"
    if aim.feature == _OF_SEVERAL_STIMULI:
        return "it takes lists of times, which a study does not give to eFEL"
    if aim.feature.startswith("bpo_"):
        return "it is what a search finds"
    if aim.mean is None or aim.std is None:
        return "it has no mean and SD"
    return "" if aim.recording in recordings else "the protocol has no such recording"


def _table(sweep: Sweep, current: Current, aim: Aim, found: Aims) -> dict[str, Any]:
    settings = {n: one for n, one in aim.settings.items() if n not in (*_OF_WINDOWS, "Threshold")}
    begin_ms, end_ms = (aim.settings.get(name) for name in _OF_WINDOWS)
    last_ms = current.duration_ms if "bAP" in sweep.name else current.end_ms
    variable = aim.recording.rpartition(".")[2]
    table = {
        "features": {aim.feature: [aim.mean, aim.std]},
        "window_ms": [
            current.begin_ms if begin_ms is None else begin_ms,
            last_ms if end_ms is None else end_ms,
        ],
        "threshold_mV": aim.settings.get("Threshold", _EFEL_THRESHOLD_mV),
        "settings": dict(_settings(settings, found)),
    }
    if aim.weight != 1:
        table["weights"] = {aim.feature: aim.weight}
    return table if variable == "v" else {**table, "variable": variable}


def _settings(given: Mapping[str, Any], found: Aims) -> Iterator[tuple[str, Any]]:
    """Yield the settings that eFEL has."""
    for name, value in given.items():
        try:
            check_settings({name: value})
        except (InputError, TypeError) as error:
            note = f"efel_settings: {error}. It is left out."
            found.left += [] if note in found.left else [note]
        else:
            yield name, value


def _fits(before: Mapping[str, Any] | None, table: Mapping[str, Any]) -> bool:
    """Return whether a feature is measured as those that a table has."""
    if before is None:
        return True
    keys = (before.keys() | table.keys()) - {"features", "weights"}
    alike = all(before.get(key) == table.get(key) for key in keys)
    return alike and not before["features"].keys() & table["features"].keys()
