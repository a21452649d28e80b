"""What stimuli do to a node: a current, or a voltage behind a resistance, along straight lines."""

from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.engines.population.equations import UntranslatedError
from workbench.protocols import EPSP, Played, Protocol, Step, Stimulus, VoltageClamp

_BEFORE_ms = -1.0


@dataclass(frozen=True, eq=False)
class Course:
    """A stimulus as the kernel takes it.

    Attributes
    ----------
    t_ms, values
        Its knots, in nA, or of a clamp in mV; before the first it is 0.
    uS
        The conductance of a clamp; 0 of a current.
    """

    t_ms: Floats
    values: Floats
    uS: float = 0.0

    def current_nA(self, t_ms: Floats, v_mV: Floats) -> Floats:
        """Return the current that a clamp injects; at a jump, what it was before."""
        before = np.searchsorted(self.t_ms, t_ms, side="left") - 1
        return np.asarray(self.uS * (self.values[np.maximum(before, 0)] - v_mV))


def course_of(stimulus: Stimulus, protocol: Protocol) -> Course:
    """Return the course of a stimulus of a bound protocol.

    Raises
    ------
    UntranslatedError
        If this engine has none of its kind.
    """
    if isinstance(stimulus, Played):
        return Course(*stimulus.course(protocol.duration_ms + 1.0))
    if isinstance(stimulus, Step):
        on = float(stimulus.delay_ms)
        off, nA = on + float(stimulus.duration_ms), float(stimulus.amplitude_nA)
        return Course(np.array([on, on, off, off]), np.array([0.0, nA, nA, 0.0]))
    if isinstance(stimulus, EPSP):
        since = _curve_ms(float(stimulus.tau_rise_ms), protocol.duration_ms)
        t = float(stimulus.delay_ms) + since
        current = stimulus.current_nA(t)
        assert current is not None
        return Course(t, current)
    if isinstance(stimulus, VoltageClamp):
        on = float(stimulus.delay_ms)
        off, hold, step = (
            on + float(stimulus.duration_ms),
            float(stimulus.hold_mV),
            float(stimulus.step_mV),
        )
        knots = [_BEFORE_ms, on, on, off, off]
        return Course(
            np.array(knots),
            np.array([hold, hold, step, step, hold]),
            1.0 / float(stimulus.rs_MOhm),
        )
    raise UntranslatedError(
        f"{protocol.name}: the population engine has no {stimulus.kind}; choose engine = 'neuron'"
    )


def _curve_ms(fastest_ms: float, until_ms: float) -> Floats:
    """Return times between which a curve of exponentials is straight to 3e-6 of its scale.

    Steps of 0.5 % of the time constant, and later of all that has passed.
    """
    share = 0.005
    count = int(np.log1p(until_ms / fastest_ms) / np.log1p(share)) + 2
    return np.asarray(fastest_ms * ((1 + share) ** np.arange(count) - 1))
