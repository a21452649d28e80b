"""The searches that come before BluePyEModel's protocols, as protocols relative to the cell.

Durations, delays and the test current are those of BluePyEModel 1.0.50, which no file says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.imports.bluepyemodel.currents import Stimulus
from workbench.imports.bluepyemodel.fitness import Aim, Sweep
from workbench.imports.bluepyopt.problem import step

HOLDING, AMPLITUDE = "holding", "amplitude"
"""Parameters of the protocols, found on each individual."""

THRESHOLD, _HOLD, _REST, _RESISTANCE = (
    "SearchThresholdCurrent",
    "SearchHoldingCurrent",
    "RMPProtocol",
    "RinProtocol",
)
SEARCHED = (THRESHOLD, _HOLD, _REST, _RESISTANCE)
_VOLTAGE, _OHMIC = "steady_state_voltage_stimend", "ohmic_input_resistance_vb_ssse"
_FEATURES: Mapping[tuple[str, str], str] = {
    (THRESHOLD, "bpo_threshold_current"): "rheobase",
    (_HOLD, "bpo_holding_current"): "holding_current",
    (_REST, _VOLTAGE): "resting_potential",
}
_SITE = "soma(0.5)"
_DELAY_ms, _THRESHOLD_ms, _RESISTANCE_ms = 500.0, 2000.0, 500.0
_TEST_nA = -0.02
_MOST_nA = 2.0


@dataclass(frozen=True)
class Searches:
    """What the searches of a pipeline are told, and asked.

    Attributes
    ----------
    hold_mV
        The voltage at which cells are held; None if no feature says it, and nothing is found.
    """

    hold_mV: float | None
    aims: tuple[Aim, ...] = ()

    @classmethod
    def of(cls, aims: Sequence[Aim]) -> "Searches":
        """Return the searches that features ask for."""
        of_them = tuple(one for one in aims if one.protocol in SEARCHED)
        held = [
            one.mean
            for one in of_them
            if (one.protocol, one.feature) == (_HOLD, _VOLTAGE) and one.mean is not None
        ]
        return cls(held[0] if held else None, of_them)

    def parameters(self, percent: float) -> dict[str, Any]:
        """Return the parameters of a protocol in per cent of the threshold."""
        return {**self._held, AMPLITUDE: {"percent_of_rheobase": percent}}

    def protocols(self) -> dict[str, Any]:
        """Return the tables of the searches in protocols.toml."""
        return {
            THRESHOLD: {
                "duration_ms": _DELAY_ms + _THRESHOLD_ms,
                **_held_step("rheobase", _THRESHOLD_ms),
                "parameters": {
                    **self._held,
                    "rheobase": {"to_fire": "soma", "most_nA": _MOST_nA},
                },
            },
            _RESISTANCE: {
                "duration_ms": _DELAY_ms + _RESISTANCE_ms,
                **_held_step(_TEST_nA, _RESISTANCE_ms),
                "parameters": self._held,
            },
        }

    def targets(self) -> dict[str, dict[str, Any]]:
        """Return the tables of the searches in targets.toml."""
        tables: dict[str, dict[str, Any]] = {}
        for aim in self.aims:
            if not self.has(aim) or (aim.protocol == _HOLD and aim.feature == _VOLTAGE):
                continue
            name = _RESISTANCE if aim.feature == _OHMIC else THRESHOLD
            feature = _FEATURES.get((aim.protocol, aim.feature), aim.feature)
            table = tables.setdefault(name, {"soma": {"features": {}}})["soma"]
            table["features"][feature] = [aim.mean, aim.std]
            if aim.weight != 1:
                table.setdefault("weights", {})[feature] = aim.weight
        return tables

    def has(self, aim: Aim) -> bool:
        """Whether a feature of the searches has a place in a study."""
        key = aim.protocol, aim.feature
        known = key in _FEATURES or key in ((_HOLD, _VOLTAGE), (_RESISTANCE, _OHMIC))
        return known and None not in (self.hold_mV, aim.mean, aim.std)

    @property
    def _held(self) -> dict[str, Any]:
        return {HOLDING: {"to_mV": self.hold_mV}}


def relative(sweep: Sweep, searches: Searches) -> tuple[Stimulus, float] | str:
    """Return the stimulus of a protocol with names for what is found, and its percentage.

    Or why there is none.
    """
    if sweep.kind != "ThresholdBasedProtocol":
        return "it has a threshold of its own"
    if searches.hold_mV is None:
        return f"no feature {_VOLTAGE} of {_HOLD} says at which voltage the cell is held"
    if len(sweep.stimuli) != 1 or sweep.stimuli[0].thresh_perc is None:
        return "no thresh_perc of one stimulus says in per cent of what it is"
    [stimulus] = sweep.stimuli
    others = dict.fromkeys(("amp2", "long_amp", "hyper_amp", "depol_amp"))
    named = {**others, "amp": AMPLITUDE, "holding_current": HOLDING}
    percent = stimulus.thresh_perc
    assert percent is not None, "asked above"
    return stimulus.model_copy(update=named), percent


def _held_step(amplitude_nA: float | str, duration_ms: float) -> dict[str, Any]:
    whole = step(HOLDING, 0.0, _DELAY_ms + duration_ms, _SITE)
    first = step(amplitude_nA, _DELAY_ms, duration_ms, _SITE)
    return {"stimuli": [first, whole], "recordings": {"soma": _SITE}}
