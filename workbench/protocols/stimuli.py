"""The stimuli. A new one is a class here and its clamp in `engines/neuron/clamps.py`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from workbench.arrays import Floats
from workbench.errors import StudyError
from workbench.keys import key
from workbench.protocols.current_file import CurrentFile
from workbench.protocols.played import Played, Sampled, correlated
from workbench.protocols.stimulus import Amount, Detail, Lasting, Own, Stimulus
from workbench.protocols.waves import Chirp, Sine

MOST_STEPS = 100_000
"""Of a train: each is a clamp in NEURON."""

LARGEST_SEED = 2**32 - 1

MOST_POINTS = 10_000
"""Of an alpha current, to its peak."""

GONE_peaks = 40
"""After so many times to its peak an alpha current is 5e-16 of its peak."""


@dataclass(frozen=True)
class Step(Lasting):
    """A constant current into a site, from `delay_ms` for `duration_ms`; a hold is a long one."""

    kind: ClassVar[str] = "step"
    amplitude_nA: Amount = key("The current into the cell.")

    def current_nA(self, t_ms: Floats) -> Floats:
        """Return the current into the cell at some times."""
        on_ms, off_ms = self.window_ms(math.inf)
        return np.where((t_ms >= on_ms) & (t_ms < off_ms), float(self.amplitude_nA), 0.0)

    def level_nA(self, begin_ms: float, end_ms: float) -> float | None:
        """Return the current between two times, None if it changes there."""
        inside, throughout = self._covers(begin_ms, end_ms)
        if inside and not throughout:
            return None
        return float(self.amplitude_nA) if inside else 0.0

    def detail(self) -> Detail | None:
        """Return how long it lasts."""
        if not (self.amplitude_nA and self.duration_ms):
            return None
        return Detail(float(self.duration_ms), f"current of {self.duration_ms:g} ms")

    def words(self, until_ms: float) -> str:
        """Return amplitude, site and times."""
        return f"{self.amplitude_nA:g} nA into {self._where(until_ms)}"


@dataclass(frozen=True)
class Train(Stimulus):
    """Equal steps at a frequency; the first begins at `delay_ms`."""

    kind: ClassVar[str] = "train"
    delay_ms: Amount = key("When the first step begins.")
    duration_ms: Amount = key("How long each step lasts.")
    amplitude_nA: Amount = key("The current of each step.")
    frequency_Hz: Amount = key("Of the steps' beginnings.")
    count: Amount = key("How many steps.")

    def __post_init__(self) -> None:
        self._check_above_0("frequency_Hz", "count")
        self._check_whole("count", MOST_STEPS)

    def steps(self) -> list[Step]:
        """Return the single steps."""
        period_ms = 1000.0 / float(self.frequency_Hz)
        begins = [float(self.delay_ms) + i * period_ms for i in range(int(self.count))]
        return [Step(self.site, begin, self.duration_ms, self.amplitude_nA) for begin in begins]

    def parts(self) -> Sequence[Stimulus]:
        """Return the single steps."""
        return self.steps()

    def window_ms(self, until_ms: float) -> tuple[float, float]:
        """Return begin of the first and end of the last step."""
        steps = self.steps()
        return steps[0].window_ms(until_ms)[0], steps[-1].window_ms(until_ms)[1]

    def current_nA(self, t_ms: Floats) -> Floats:
        """Return the sum of the steps' currents at some times."""
        return np.asarray(sum(step.current_nA(t_ms) for step in self.steps()))

    def detail(self) -> Detail | None:
        """Return how long a step lasts."""
        return self.steps()[0].detail()

    def words(self, until_ms: float) -> str:
        """Return how many steps, which, and how often."""
        return (
            f"{self.count:g} steps of {self.amplitude_nA:g} nA and {self.duration_ms:g} ms at "
            f"{self.frequency_Hz:g} Hz into {self._where(until_ms)}"
        )


@dataclass(frozen=True)
class EPSP(Stimulus):
    """A current shaped like an excitatory postsynaptic potential, a difference of exponentials.

    It begins at `delay_ms`, rises with `tau_rise_ms`, falls with `tau_decay_ms` and has its peak
    at `amplitude_nA` (Hay et al. 2011). The cell needs the mechanisms `synapses`.
    """

    kind: ClassVar[str] = "epsp"
    tau_rise_ms: Amount = key("Time constant of the rise.")
    tau_decay_ms: Amount = key("Time constant of the decay.")
    amplitude_nA: Amount = key("The current at its peak.")

    def __post_init__(self) -> None:
        self._check_above_0("tau_rise_ms", "tau_decay_ms")

    def window_ms(self, until_ms: float) -> tuple[float, float]:
        """Return its begin and the end of the run."""
        return float(self.delay_ms), until_ms

    def current_nA(self, t_ms: Floats) -> Floats:
        """Return the current into the cell at some times."""
        rise_ms, decay_ms = float(self.tau_rise_ms), float(self.tau_decay_ms)
        if abs(rise_ms / decay_ms - 1) < 1e-4:
            # As the mechanism does: the difference of equal exponentials is 0 everywhere.
            rise_ms = decay_ms * (1 - 1e-4)

        def shape(since_ms: Floats) -> Floats:
            return np.exp(-since_ms / decay_ms) - np.exp(-since_ms / rise_ms)

        top_ms = rise_ms * decay_ms / (decay_ms - rise_ms) * math.log(decay_ms / rise_ms)
        scale_nA = float(self.amplitude_nA) / shape(np.array(top_ms))
        return np.asarray(scale_nA * shape(np.maximum(t_ms - float(self.delay_ms), 0.0)))

    def detail(self) -> Detail | None:
        """Return its decay."""
        if not self.amplitude_nA:
            return None
        decay_ms = float(self.tau_decay_ms)
        return Detail(decay_ms, f"EPSP with a decay of {decay_ms:g} ms")

    def words(self, until_ms: float) -> str:
        """Return peak, time constants, site and times."""
        return (
            f"an EPSP of {self.amplitude_nA:g} nA, rising with {self.tau_rise_ms:g} and falling "
            f"with {self.tau_decay_ms:g} ms, into {self._where(until_ms)}"
        )


@dataclass(frozen=True)
class Alpha(Played):
    """A current shaped like an alpha function: at t from its begin, I (t / p) exp(1 - t / p).

    It has its peak I at p (Rall 1967, J Neurophysiol 30:1138), and is played as straight lines, by
    default off by 3e-6 of the peak at most.
    """

    kind: ClassVar[str] = "alpha"
    time_to_peak_ms: Amount = key("From its begin to its peak.")
    amplitude_nA: Amount = key("The current at its peak.")
    points: Amount = key("Straight lines by which it is played from its begin to its peak.", 500.0)

    def __post_init__(self) -> None:
        self._check_above_0("time_to_peak_ms", "points")
        self._check_whole("points", MOST_POINTS)

    def window_ms(self, until_ms: float) -> tuple[float, float]:
        """Return its begin and the end of the run."""
        return float(self.delay_ms), until_ms

    def knots(self, until_ms: float) -> tuple[Floats, Floats]:
        """Return times and currents, as long as there is any."""
        peaks = np.arange(GONE_peaks * int(self.points) + 1) / int(self.points)
        t_ms = float(self.delay_ms) + float(self.time_to_peak_ms) * peaks
        return t_ms, float(self.amplitude_nA) * peaks * np.exp(1 - peaks)

    def detail(self) -> Detail | None:
        """Return the time to its peak."""
        if not self.amplitude_nA:
            return None
        return Detail(
            float(self.time_to_peak_ms),
            f"alpha current, at its peak after {self.time_to_peak_ms:g} ms,",
        )

    def words(self, until_ms: float) -> str:
        """Return peak, when it is reached, site and times."""
        return (
            f"an alpha current of {self.amplitude_nA:g} nA, with its peak after "
            f"{self.time_to_peak_ms:g} ms, into {self._where(until_ms)}"
        )


@dataclass(frozen=True)
class Ramp(Lasting, Played):
    """A current that changes along a straight line."""

    kind: ClassVar[str] = "ramp"
    from_nA: Amount = key("The current where it begins.")
    to_nA: Amount = key("The current where it ends.")

    def __post_init__(self) -> None:
        self._check_above_0("duration_ms")

    def knots(self, until_ms: float) -> tuple[Floats, Floats]:
        """Return begin and end."""
        ends_nA = np.array([float(self.from_nA), float(self.to_nA)])
        return np.array(self.window_ms(until_ms)), ends_nA

    def detail(self) -> Detail:
        """Return how long it lasts."""
        return Detail(float(self.duration_ms), f"ramp of {self.duration_ms:g} ms")

    def words(self, until_ms: float) -> str:
        """Return both currents, site and times."""
        begin_ms, end_ms = self.window_ms(until_ms)
        whole = f"{self.site} from {begin_ms:g} to {end_ms:g} ms"
        return f"a ramp from {self.from_nA:g} to {self.to_nA:g} nA into {whole}"


@dataclass(frozen=True)
class Noise(Sampled):
    """Noise of Ornstein and Uhlenbeck: Gaussian, with a correlation that decays with `tau_ms`.

    It begins in its stationary state, is drawn by its exact update (Gillespie 1996, Phys Rev E
    54:2084), and goes in straight lines from draw to draw. The draws are those of NumPy's
    RandomState, whose numbers never change, and depend on nothing but these amounts.
    """

    kind: ClassVar[str] = "noise"
    mean_nA: Amount = key("Its mean.")
    sd_nA: Amount = key("Its standard deviation.")
    tau_ms: Amount = key("Time constant of its autocorrelation.")
    seed: Amount = key("Of its random numbers, a whole number.")
    interval_ms: Amount = key("From draw to draw; at most `tau_ms`.", 0.05)

    def __post_init__(self) -> None:
        self._check_above_0("duration_ms", "tau_ms", "interval_ms")
        self._check_whole("seed", LARGEST_SEED)
        if not isinstance(self.sd_nA, str) and self.sd_nA < 0:
            raise StudyError(f"noise: sd_nA is {self.sd_nA:g}, it must be at least 0")

    def refusal(self, until_ms: float) -> str:
        """Return that there are too many draws, or that they are too far apart, or nothing."""
        if float(self.interval_ms) > float(self.tau_ms):
            return (
                f"interval_ms is {self.interval_ms:g}, it must be at most tau_ms, {self.tau_ms:g}: "
                "straight lines between such draws are another noise"
            )
        return super().refusal(until_ms)

    def spacing_ms(self) -> float:
        """Return the time from draw to draw."""
        return float(self.interval_ms)

    def samples_nA(self, since_ms: Floats) -> Floats:
        """Return the draws."""
        part = float(self.interval_ms) / float(self.tau_ms)
        drawn = correlated(int(self.seed), since_ms.size, part)
        return float(self.mean_nA) + float(self.sd_nA) * drawn

    def detail(self) -> Detail:
        """Return the time from draw to draw."""
        return Detail(float(self.interval_ms), f"noise with a draw every {self.interval_ms:g} ms")

    def words(self, until_ms: float) -> str:
        """Return mean, SD, time constant, seed, site and times."""
        return (
            f"noise of {self.mean_nA:g} nA, SD {self.sd_nA:g} nA and {self.tau_ms:g} ms (seed "
            f"{self.seed:g}, a draw every {self.interval_ms:g} ms) into {self._where(until_ms)}"
        )


@dataclass(frozen=True)
class Waveform(Played):
    """A current from a file, whose times begin at `delay_ms`, in straight lines between samples.

    The file is a CSV with the first line `t_ms,current_nA`, or an NPZ with arrays of these names;
    two samples of one time are a jump. A fixed step may not be longer than its shortest interval.
    """

    kind: ClassVar[str] = "waveform"
    file: CurrentFile = key("A .csv or .npz file beside the study.", reader=CurrentFile.read)
    scale: Amount = key("By which the currents of the file are multiplied.", 1.0)

    def window_ms(self, until_ms: float) -> tuple[float, float]:
        """Return the times of the first and of the last sample."""
        first_ms, last_ms = self.file.t_ms[[0, -1]]
        return float(self.delay_ms) + float(first_ms), float(self.delay_ms) + float(last_ms)

    def knots(self, until_ms: float) -> tuple[Floats, Floats]:
        """Return the samples."""
        return float(self.delay_ms) + self.file.t_ms, float(self.scale) * self.file.current_nA

    def jumps_ms(self, until_ms: float) -> Sequence[float]:
        """Return begin and end, and where it jumps or bends."""
        bends_ms = float(self.delay_ms) + self.file.bends_ms
        return sorted({*super().jumps_ms(until_ms), *bends_ms.tolist()})

    def detail(self) -> Detail:
        """Return the shortest interval between two samples."""
        apart_ms = self.file.shortest_ms
        what = f"waveform of {self.file.name}, whose samples are {apart_ms:.4g} ms apart,"
        return Detail(apart_ms, what)

    def longest_step_ms(self) -> float:
        """Return the shortest interval between two samples."""
        return self.file.shortest_ms

    def words(self, until_ms: float) -> str:
        """Return file, scale, site and times."""
        return f"{self.scale:g} times the current of {self.file.name} into {self._where(until_ms)}"


@dataclass(frozen=True)
class VoltageClamp(Lasting):
    """A voltage clamp through a series resistance: `step_mV` while it lasts, else `hold_mV`.

    It clamps for the whole run, which begins at the cell's own voltage, or at `v_init_mV` of the
    protocol. The current that it injects can be recorded at its site as `i_clamp`, in nA.
    """

    kind: ClassVar[str] = "voltage_clamp"
    recorded: ClassVar[Mapping[str, Own]] = {"i_clamp": Own("i", "nA")}
    hold_mV: Amount = key("The voltage before and after.")
    step_mV: Amount = key("The voltage from `delay_ms` for `duration_ms`.")
    rs_MOhm: Amount = key("The series resistance.", 1.0)

    def __post_init__(self) -> None:
        self._check_above_0("rs_MOhm")

    def current_nA(self, t_ms: Floats) -> None:
        """Return None: the cell decides on the current."""

    def level_nA(self, begin_ms: float, end_ms: float) -> None:
        """Return None: the cell decides on the current."""

    def detail(self) -> Detail | None:
        """Return how long the step lasts."""
        if self.hold_mV == self.step_mV or not self.duration_ms:
            return None
        return Detail(float(self.duration_ms), f"voltage step of {self.duration_ms:g} ms")

    def words(self, until_ms: float) -> str:
        """Return the voltages, the resistance, site and times."""
        return (
            f"a voltage clamp at {self.hold_mV:g} mV through {self.rs_MOhm:g} MOhm, at "
            f"{self.step_mV:g} mV in {self._where(until_ms)}"
        )


STIMULI: Sequence[type[Stimulus]] = (
    *(Step, Train, EPSP),
    *(Alpha, Ramp, Sine, Chirp, Noise, Waveform),
    VoltageClamp,
)
"""All kinds."""
