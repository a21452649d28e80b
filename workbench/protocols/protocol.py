"""What is done to a cell and what is recorded from it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any

from workbench.cells import WEIGHT, OnPlaced, parse_where
from workbench.errors import InputError, StudyError, unknown
from workbench.morphology import Site, parse_site
from workbench.protocols.events import Events
from workbench.protocols.maps import Map
from workbench.protocols.recordings import Recording
from workbench.protocols.stimuli import STIMULI
from workbench.protocols.stimulus import Amount, Stimulus
from workbench.units import amount, quantity, unit_of

LONGEST_ms = 1e6
"""Of a run: eFEL alone would want 0.2 GB for a longer one."""

SIGNED = ("nA", "mV", "deg")
"""Units of amounts that may be below 0."""

OF_STIMULI = {variable: kind.kind for kind in STIMULI for variable in kind.recorded}
"""Variables that stimuli have and segments have not, with whose they are."""

LATEST_ms = 1e9
"""No time of a stimulus may be beyond: a hold for ever is one that lasts so long."""


def read_parameters(
    given: Mapping[str, float | str],
    stimuli: Sequence[Stimulus],
    v_init_mV: Amount | None = None,
    events: Sequence[Events] = (),
    celsius_degC: Amount | None = None,
) -> dict[str, float | Site]:
    """Return parameters of a protocol with its texts read.

    A text is a quantity, such as "400 pA", where the parameter stands for an amount, in the unit
    that ends the amount's name; otherwise it is a site.

    Raises
    ------
    StudyError
        If a text is no quantity of the amount's dimension.
    MorphologyError
        If a text is no site.
    """
    own = {"v_init_mV": v_init_mV, "celsius_degC": celsius_degC}
    amounts = {parameter: name for name, parameter in own.items() if isinstance(parameter, str)}
    driving: list[Stimulus | Events] = [*stimuli, *events]
    for each in driving:
        for amount_name in each.amounts():
            if isinstance(parameter := getattr(each, amount_name), str):
                amounts[parameter] = amount_name
    values: dict[str, float | Site] = {}
    for name, value in given.items():
        if name in amounts:
            values[name] = _read(name, value, unit_of(amounts[name]))
        else:
            values[name] = parse_site(value) if isinstance(value, str) else value
    return values


def _read(name: str, value: float | str, unit: str) -> float:
    if not isinstance(value, str):
        return value
    if not unit:
        raise StudyError(f"{name} is {value!r}; write a number without quotes")
    try:
        return quantity(value, unit)
    except InputError as error:
        raise StudyError(f"{name}: {error}") from None


@dataclass(frozen=True)
class Protocol:
    """Stimuli, events, recordings and the length of the run.

    Attributes
    ----------
    parameters
        Names with default values, numbers or sites, that stimuli may refer to, so that one
        protocol serves many amplitudes.
    v_init_mV
        The starting voltage, where it differs from the cell's own.
    events
        What drives the cell's placed point processes.
    maps
        What is kept of every segment of a region.
    celsius_degC
        The temperature, where it differs from the cell's own.
    """

    name: str
    duration_ms: float
    stimuli: tuple[Stimulus, ...] = ()
    recordings: tuple[Recording, ...] = ()
    parameters: Mapping[str, float | Site] = field(default_factory=dict)
    v_init_mV: Amount | None = None
    events: tuple[Events, ...] = ()
    maps: tuple[Map, ...] = ()
    celsius_degC: Amount | None = None

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

    def with_parameters(self, given: Mapping[str, float | str]) -> "Protocol":
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
            duration_ms = _read("duration_ms", duration_ms, "ms")
        except StudyError as error:
            raise StudyError(f"protocol {self.name}: {error}") from None
        return replace(self, duration_ms=duration_ms, parameters={**self.parameters, **values})

    def bound(self) -> "Protocol":
        """Return the protocol with a number wherever a parameter was named, and steps for trains.

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
        if value is None or isinstance(value, int | float):
            sites = [name for name, v in self.parameters.items() if not isinstance(v, int | float)]
            raise StudyError(f"protocol {self.name}: {unknown('site', site, sites)}")
        return value

    def _number(self, name: str, given: Amount) -> float:
        if isinstance(given, str):
            if given not in self.parameters:
                known = unknown("parameter", given, self.parameters)
                raise StudyError(f"protocol {self.name}, {name}: {known}")
            value = self.parameters[given]
            if not isinstance(value, int | float):
                raise StudyError(f"protocol {self.name}, {name}: {given} is a site, not a number")
            given = value
        try:
            # Whether a time can be is for `_bound` to say.
            return amount(name, given, (-math.inf, math.inf) if name.endswith("_ms") else None)
        except InputError as error:
            raise StudyError(f"protocol {self.name}: {error}") from None
