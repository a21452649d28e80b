"""What is done to a cell and what is recorded from it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any

from workbench.cells import WEIGHT, OnPlaced, parse_where
from workbench.errors import InputError, StudyError, unknown
from workbench.morphology import Site
from workbench.protocols.events import Events
from workbench.protocols.maps import Map
from workbench.protocols.parameters import read_amount, read_parameters
from workbench.protocols.recordings import Recording
from workbench.protocols.sought import SOUGHT, Holding, RelativeTo, Rheobase, Sought
from workbench.protocols.stimuli import STIMULI
from workbench.protocols.stimulus import Amount, Stimulus
from workbench.units import amount, unit_of

LONGEST_ms = 1e6
"""Of a run: eFEL alone would want 0.2 GB for a longer one."""

SIGNED = ("nA", "mV", "deg")
"""Units of amounts that may be below 0."""

OF_STIMULI = {variable: kind.kind for kind in STIMULI for variable in kind.recorded}
"""Variables that stimuli have and segments have not, with whose they are."""

_NUMBERS = (int, float, *SOUGHT)

FOUND_AT_REST: Mapping[str, str] = {"resting_potential": "mV", "input_resistance": "MOhm"}
FOUND: Mapping[str, str] = {**FOUND_AT_REST, "holding_current": "nA", "rheobase": "nA"}
"""What the search of numbers finds of a cell, as features of its protocol, with their units."""

LATEST_ms = 1e9
"""No time of a stimulus may be beyond: a hold for ever is one that lasts so long."""


@dataclass(frozen=True)
class Protocol:
    """Stimuli, events, recordings and the length of the run.

    Attributes
    ----------
    parameters
        Names with default values, numbers or sites, that stimuli may refer to, so that one
        protocol serves many amplitudes. A current may be one that is found on the cell.
    v_init_mV
        The starting voltage, where it differs from the cell's own.
    events
        What drives the cell's placed point processes.
    maps
        What is kept of every segment of a region.
    celsius_degC
        The temperature, where it differs from the cell's own.
    morphology
        Of a problem with several: the name of the one to which it is done, which ends its own.
    """

    name: str
    duration_ms: float
    stimuli: tuple[Stimulus, ...] = ()
    recordings: tuple[Recording, ...] = ()
    parameters: Mapping[str, float | Site | Sought] = field(default_factory=dict)
    v_init_mV: Amount | None = None
    events: tuple[Events, ...] = ()
    maps: tuple[Map, ...] = ()
    celsius_degC: Amount | None = None
    morphology: str = ""

    def __post_init__(self) -> None:
        number = isinstance(self.duration_ms, Real)
        if not (number and 0 < self.duration_ms <= LONGEST_ms):
            raise StudyError(
                f"protocol {self.name}: duration_ms is {self.duration_ms!r}, it must be above "
                f"0 and at most {LONGEST_ms:g} ({LONGEST_ms / 1000:g} s)"
            )
        names = [recording.name for recording in self.recordings]
        for name in names:
            if names.count(name) > 1:
                raise StudyError(f"protocol {self.name}: two recordings are named {name}")
        self._check_maps()
        self._check_stimuli()
        for train in self.events:
            self._numbers(train)
        self._own_conditions()
        self._check_sought()

    @property
    def sought(self) -> dict[str, Sought]:
        """Return the parameters that are found on the cell."""
        return {n: value for n, value in self.parameters.items() if isinstance(value, SOUGHT)}

    @property
    def seeks(self) -> tuple[str, Rheobase] | None:
        """Return the parameter that is a rheobase, with its name, if one is."""
        found = ((n, one) for n, one in self.sought.items() if isinstance(one, Rheobase))
        return next(found, None)

    def found_of(self, location: str) -> tuple[str, ...]:
        """Return those of `FOUND` that its search finds of a recorded voltage."""
        site = next((r.site for r in self.recordings if r.name == f"{location}.v"), None)
        found: dict[str, None] = {}
        for name, value in self.sought.items():
            here = self.driven_by(name)[0].site == site
            if here and not isinstance(value, RelativeTo):
                found |= dict.fromkeys(FOUND_AT_REST)
            if here and isinstance(value, Holding):
                found["holding_current"] = None
            if isinstance(value, Rheobase) and value.to_fire == location:
                found["rheobase"] = None
        return tuple(found)

    def driven_by(self, parameter: str) -> list[Stimulus]:
        """Return the stimuli that name a parameter as an amount, as `bound` has them."""
        named = [one for one in self.stimuli if self._naming(parameter, one)]
        return [self._bound(one) for one in named]

    def told(self) -> list[tuple[Stimulus, dict[str, str]]]:
        """Return each stimulus as `bound` has it, with its amounts that are found, in words."""
        return [
            (self._bound(one), {key: str(self.parameters[at]) for key, at in self._found_in(one)})
            for one in self.stimuli
        ]

    def with_parameters(self, given: Mapping[str, float | str | Sought]) -> "Protocol":
        """Return the protocol with other values of its parameters; `read_parameters` reads texts.

        `duration_ms` is a parameter of every protocol: how long it runs.

        Raises
        ------
        StudyError
            If the protocol has no such parameter, or a text is no quantity, or a site is given
            where a number is needed.
        MorphologyError
            If a text is no site.
        """
        given = dict(given)
        duration_ms = given.pop("duration_ms", self.duration_ms)
        if isinstance(duration_ms, SOUGHT):
            raise StudyError(f"protocol {self.name}: duration_ms is {duration_ms}, a current")
        for name in given:
            if name not in self.parameters:
                raise StudyError(
                    f"protocol {self.name}: "
                    f"{unknown('parameter', name, [*self.parameters, 'duration_ms'])}"
                )
        try:
            values = read_parameters(
                given, self.stimuli, self.v_init_mV, self.events, self.celsius_degC
            )
            duration_ms = read_amount("duration_ms", duration_ms, "ms")
        except StudyError as error:
            raise StudyError(f"protocol {self.name}: {error}") from None
        return replace(self, duration_ms=duration_ms, parameters={**self.parameters, **values})

    def bound(self) -> "Protocol":
        """Return the protocol with a number wherever a parameter was named, and steps for trains.

        Where a number is still to be found on the cell a stand-in takes its place.

        Raises
        ------
        StudyError
            If it names a parameter that it has not, or a number cannot be.
        """
        stimuli = tuple(part for each in self.stimuli for part in self._bound(each).parts())
        events = tuple(replace(train, **self._numbers(train)) for train in self.events)
        return replace(
            self, stimuli=stimuli, parameters={}, events=events, **self._own_conditions()
        )

    def with_events(self, *events: Events) -> "Protocol":
        """Return the protocol with these trains of events in place of its own."""
        return replace(self, events=events)

    def with_recording(self, location: str, site: str, *variables: str) -> "Protocol":
        """Return the protocol with one more location recorded.

        Parameters
        ----------
        location
            A word of your own.
        site
            A site, `apical@400um`, or a placed point process, `syn`, `syn[3]`.
        variables
            NEURON's names of what is recorded there, or a point process' own; `v` if none is
            given.
        """
        where = parse_where(site)
        more = (Recording(location, where, variable) for variable in variables or ("v",))
        return replace(self, recordings=(*self.recordings, *more))

    def with_maps(self, *maps: Map) -> "Protocol":
        """Return the protocol with these maps in place of its own."""
        return replace(self, maps=maps)

    def sites(self) -> tuple[Site, ...]:
        """Return every site of the cell that is stimulated or recorded."""
        stimulated = [self._site(stimulus.site) for stimulus in self.stimuli]
        recorded = (recording.site for recording in self.recordings)
        return (*stimulated, *(site for site in recorded if not isinstance(site, OnPlaced)))

    def window_ms(self) -> tuple[float, float]:
        """Return begin and end of the first stimulus, of the whole run if there is none.

        A run with events alone is looked at from the first train's begin to the end.
        """
        if not self.stimuli and self.events:
            first = self.events[0]
            begin_ms, _ = replace(first, **self._numbers(first)).window_ms()
            return min(begin_ms, self.duration_ms), self.duration_ms
        if not self.stimuli:
            return 0.0, self.duration_ms
        begin_ms, end_ms = self._bound(self.stimuli[0]).window_ms(self.duration_ms)
        return begin_ms, min(end_ms, self.duration_ms)

    def step_nA(self, begin_ms: float, end_ms: float) -> float | None:
        """Return by how much the current between two times is above that just before them.

        Just before is the last tenth of the time until then, where eFEL takes its base.

        Returns
        -------
        float or None
            None if that is no number: the current changes within one of the two spans, or at the
            first time in several sites.
        """
        base_nA, level_nA, changed = 0.0, 0.0, set()
        for stimulus in self.bound().stimuli:
            before_nA = stimulus.level_nA(0.9 * begin_ms, begin_ms)
            during_nA = stimulus.level_nA(begin_ms, end_ms)
            if before_nA is None or during_nA is None:
                return None
            base_nA, level_nA = base_nA + before_nA, level_nA + during_nA
            if before_nA != during_nA:
                changed.add(stimulus.site)
        return level_nA - base_nA if len(changed) <= 1 else None

    def _check_maps(self) -> None:
        named = [one.name for one in self.maps]
        locations = {recording.location for recording in self.recordings}
        for one in self.maps:
            if named.count(one.name) > 1 or one.name in locations:
                raise StudyError(
                    f"protocol {self.name}: two maps or recordings are named {one.name}; give each "
                    "a name of its own"
                )
            if one.window_ms is not None and one.window_ms[1] > self.duration_ms:
                raise StudyError(
                    f"protocol {self.name}: map {one.name} is looked at until "
                    f"{one.window_ms[1]:g} ms, and the run ends at {self.duration_ms:g} ms"
                )

    def _check_stimuli(self) -> None:
        recorded = set()
        for stimulus in map(self._bound, self.stimuli):
            if why := stimulus.refusal(self.duration_ms):
                raise StudyError(f"protocol {self.name}: {stimulus.kind}: {why}")
            recorded |= {(stimulus.site, variable) for variable in stimulus.recorded}
        for recording in self.recordings:
            if (of := OF_STIMULI.get(recording.variable)) and (
                (recording.site, recording.variable) not in recorded
            ):
                raise StudyError(
                    f"protocol {self.name}: {recording.name} is recorded at {recording.site}, "
                    f"where there is no {of}; give both one site"
                )

    def _check_sought(self) -> None:
        rheobases = [n for n, one in self.sought.items() if isinstance(one, Rheobase)]
        if len(rheobases) > 1:
            raise StudyError(
                f"protocol {self.name}: {' and '.join(rheobases)} are both a rheobase; a protocol "
                "seeks one"
            )
        for name, value in self.sought.items():
            driven = [one for one in self.stimuli if self._naming(name, one)]
            fields = {key for one in driven for key in self._naming(name, one)}
            if not driven or any(unit_of(key) != "nA" for key in fields):
                raise StudyError(
                    f"protocol {self.name}: {name} is {value}, a current, and is named by "
                    f"{', '.join(sorted(fields)) or 'no stimulus'}; let the amplitude_nA of a "
                    "stimulus name it, and nothing else"
                )
            if len({self._site(one.site) for one in driven}) > 1:
                raise StudyError(
                    f"protocol {self.name}: {name} is {value}, and flows into several sites; let "
                    "it flow into one"
                )
            if isinstance(value, RelativeTo) and rheobases:
                raise StudyError(
                    f"protocol {self.name}: {name} is {value}, and {rheobases[0]} its own rheobase;"
                    " leave one out"
                )
            if isinstance(value, Rheobase):
                voltages = [r.location for r in self.recordings if r.variable == "v"]
                if value.to_fire not in voltages:
                    raise StudyError(
                        f"protocol {self.name}: {name}: to_fire: "
                        f"{unknown('recording of v', value.to_fire, voltages)}"
                    )

    def _found_in(self, stimulus: Stimulus) -> list[tuple[str, str]]:
        """Return the amounts of a stimulus that are found on the cell, with their parameters."""
        return [(key, name) for name in self.sought for key in self._naming(name, stimulus)]

    def _naming(self, parameter: str, stimulus: Stimulus) -> list[str]:
        """Return the amounts of a stimulus that are a parameter."""
        return [one for one in stimulus.amounts() if getattr(stimulus, one) == parameter]

    def _bound(self, stimulus: Stimulus) -> Stimulus:
        return replace(stimulus, site=self._site(stimulus.site), **self._numbers(stimulus))

    def _own_conditions(self) -> dict[str, Any]:
        """Return the voltage and the temperature that are its own, as numbers."""
        own = {"v_init_mV": self.v_init_mV, "celsius_degC": self.celsius_degC}
        return {n: self._number(n, one) for n, one in own.items() if one is not None}

    def _numbers(self, given: Stimulus | Events) -> dict[str, Any]:
        """Return the amounts of a stimulus or a train of events that are given, as numbers."""
        amounts = {name: getattr(given, name) for name in given.amounts()}
        numbers = {n: self._number(n, one) for n, one in amounts.items() if one is not None}
        for name, number in numbers.items():
            if number < 0 and unit_of(name) not in SIGNED and name != WEIGHT:
                raise StudyError(f"protocol {self.name}: {name} is {number:g}, below 0")
            if number > LATEST_ms and name.endswith("_ms"):
                raise StudyError(
                    f"protocol {self.name}: {name} is {number:g}, it must be at most {LATEST_ms:g}"
                )
        return numbers

    def _site(self, site: Site | str) -> Site:
        if not isinstance(site, str):
            return site
        value = self.parameters.get(site)
        if value is None or isinstance(value, _NUMBERS):
            sites = [name for name, v in self.parameters.items() if not isinstance(v, _NUMBERS)]
            raise StudyError(f"protocol {self.name}: {unknown('site', site, sites)}")
        return value

    def _number(self, name: str, given: Amount) -> float:
        if isinstance(given, str):
            if given not in self.parameters:
                known = unknown("parameter", given, self.parameters)
                raise StudyError(f"protocol {self.name}, {name}: {known}")
            value = self.parameters[given]
            if isinstance(value, SOUGHT):
                value = value.stand_in_nA
            if not isinstance(value, int | float):
                raise StudyError(f"protocol {self.name}, {name}: {given} is a site, not a number")
            given = value
        try:
            # Whether a time can be is for `_bound` to say.
            return amount(name, given, (-math.inf, math.inf) if name.endswith("_ms") else None)
        except InputError as error:
            raise StudyError(f"protocol {self.name}: {error}") from None
