"""Currents by the names of protocols: BluePyEModel knows from a name what is injected."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.imports.bluepyopt.problem import ramp, step
from workbench.imports.source import Foreign

_STEPS = ("step", "iv", "apwaveform", "firepattern")

KINDS: Mapping[str, str] = {
    "spontaneous": "step",
    "step": "step",
    "idrest": "step",
    "idthres": "step",
    "idthresh": "step",
    "spontaps": "step",
    "sponnohold30": "step",
    "sponhold30": "step",
    "rinholdcurrent": "step",
    "bap": "step",
    "spikerecmultispikes": "",
    "iv": "iv",
    "spikerec": "step",
    "apwaveform": "apwaveform",
    "firepattern": "firepattern",
    "sahp": "sahp",
    "idhyperpol": "sahp",
    "irdepol": "sahp",
    "irhyperpol": "sahp",
    "iddepol": "sahp",
    "hyperdepol": "hyperdepol",
    "dehyperpol": "dehyperpol",
    "poscheops": "",
    "negcheops": "",
    "ramp": "ramp",
    "ap_thresh": "ramp",
    "apthresh": "ramp",
    "sinespec": "",
    "subwhitenoise": "",
    "noiseou3": "",
    "whitenoise": "",
    "highfreq": "",
    "synaptic": "",
    "bac": "",
    "dendritic": "",
    "randomsteps": "",
    "custom": "",
    "startnohold": "step",
    "thresholdaddition": "",
    "probampanmda_ems": "",
    "bposquarepulse": "step",
}
"""By a part of a protocol's name, in the order in which BluePyEModel looks: the current, or
nothing where it is one that an import does not know."""

_TIMES_ms: Mapping[str, Mapping[str, float]] = {
    "step": {"delay": 250.0, "duration": 1350.0, "totduration": 1850.0},
    "ramp": {"delay": 250.0, "duration": 1350.0, "totduration": 1850.0},
    "iv": {"delay": 250.0, "duration": 3000.0, "totduration": 3500.0},
    "apwaveform": {"delay": 250.0, "duration": 50.0, "totduration": 550.0},
    "firepattern": {"delay": 250.0, "duration": 3600.0, "totduration": 4100.0},
    "sahp": {"delay": 250.0, "tmid": 500.0, "tmid2": 725.0, "toff": 1175.0, "totduration": 1425.0},
    "hyperdepol": {"delay": 250.0, "tmid": 700.0, "toff": 970.0, "totduration": 1220.0},
    "dehyperpol": {"delay": 250.0, "tmid": 520.0, "toff": 970.0, "totduration": 1220.0},
}
"""What a stimulus takes that does not say them."""


class Stimulus(Foreign):
    """A stimulus of a protocol: those keys that any of the currents asks for."""

    delay: float | None = None
    duration: float | None = None
    totduration: float | None = None
    tmid: float | None = None
    tmid2: float | None = None
    toff: float | None = None
    amp: float | None = None
    thresh_perc: float | None = None
    amp2: float | None = None
    long_amp: float | None = None
    hyper_amp: float | None = None
    depol_amp: float | None = None
    holding_current: float | None = None
    location: Any = None


@dataclass(frozen=True)
class Current:
    """A current as a study has it.

    Attributes
    ----------
    stimuli
        Tables of protocols.toml, without their site.
    begin_ms, end_ms
        While it is not that of the hold: where features are measured.
    """

    stimuli: tuple[dict[str, Any], ...]
    begin_ms: float
    end_ms: float
    duration_ms: float


def current_of(name: str, given: Stimulus) -> Current | str:
    """Return the current of a protocol, or why it cannot be said."""
    known = [kind for part, kind in KINDS.items() if part in name.lower()]
    if not known or not known[0]:
        return "what it injects is none of the steps and ramps that an import knows"
    kind = known[0]
    times = {k: getattr(given, k, None) for k in _TIMES_ms[kind]}
    ms = {k: _TIMES_ms[kind][k] if one is None else one for k, one in times.items()}
    end_ms = ms["delay"] + ms["duration"] if "duration" in ms else ms["toff"]
    levels = _LEVELS["step" if kind in _STEPS else kind](given, ms, end_ms)
    if any(amp is None for *_, amp in levels):
        return "its current has no amplitude in nA"
    if kind == "ramp":
        main = [ramp(0.0, amp, begin, end - begin) for begin, end, amp in levels]
    else:
        main = [step(amp, begin, end - begin) for begin, end, amp in levels if end > begin]
    hold_nA = given.holding_current or 0.0
    hold = [step(hold_nA, 0.0, ms["totduration"])] if hold_nA else []
    return Current((*main, *hold), ms["delay"], end_ms, ms["totduration"])


_Levels = list[tuple[float, float, Any]]


def _step(given: Stimulus, ms: Mapping[str, float], end_ms: float) -> _Levels:
    return [(ms["delay"], end_ms, given.amp)]


def _sahp(given: Stimulus, ms: Mapping[str, float], end_ms: float) -> _Levels:
    return [
        (ms["delay"], ms["tmid"], given.long_amp),
        (ms["tmid"], ms["tmid2"], given.amp),
        (ms["tmid2"], end_ms, given.long_amp),
    ]


def _hyperdepol(given: Stimulus, ms: Mapping[str, float], end_ms: float) -> _Levels:
    first = given.amp if given.hyper_amp is None else given.hyper_amp
    second = given.amp2 if given.depol_amp is None else given.depol_amp
    return [(ms["delay"], ms["tmid"], first), (ms["tmid"], end_ms, second)]


def _dehyperpol(given: Stimulus, ms: Mapping[str, float], end_ms: float) -> _Levels:
    return [(ms["delay"], ms["tmid"], given.amp), (ms["tmid"], end_ms, given.amp2)]


_LEVELS: Mapping[str, Callable[[Stimulus, Mapping[str, float], float], _Levels]] = {
    "step": _step,
    "ramp": _step,
    "sahp": _sahp,
    "hyperdepol": _hyperdepol,
    "dehyperpol": _dehyperpol,
}
"""By current: its pieces, with begin and end (ms) and amplitude (nA) above the hold."""
