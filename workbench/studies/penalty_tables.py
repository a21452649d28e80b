"""Penalties and the block check of targets.toml, as they may be written."""

from typing import Annotated

from pydantic import Field

from workbench.studies.table import MilliVolt, Ms, Table


class PenaltiesTable(Table):
    """What the voltage of a recording may not do; all features of the protocol are penalised then.

    Each has the score max(`score` - `per_mV2` var(V), `least_score`) in place of its own, in SD;
    var(V) is the variance in time of the voltage over the run, in mV2. Rules and numbers are those
    of Gouwens et al. (2018). Spikes and window are those of the recording's features.
    """

    fewer_spikes_than: Annotated[int, Field(ge=1)] | None = None
    """Penalised are fewer spikes in the window; 2 there."""
    spike_before: bool = False
    """Whether a spike before the window is penalised; true there."""
    no_return_mV: Annotated[MilliVolt, Field(gt=0)] | None = None
    """Penalised is a run whose last voltage is farther from the baseline, the mean over the last
    tenth of the time before the window; 2 mV there."""
    bimodal_peaks: Annotated[float, Field(ge=1)] | None = None
    """Penalised is a spike whose peak misses the mean of the target `peak_voltage` by more than so
    many times what all spikes of the window miss it by on average; 3 there."""
    score: float = 250.0
    """Of a voltage that does not move."""
    per_mV2: float = 0.1
    """What is taken off for each mV2 of variance."""
    least_score: float = 75.0
    """The least penalty."""


class BlockTable(Table):
    """A depolarisation block, looked for by a simulation of its own where scores are small.

    The protocol has no targets: it is simulated after the others, and only for an individual whose
    features are on average nearer to their targets than `where_SD`. If its voltage stays away too
    long in the window, all features of the individual have `score`. Rules and numbers are those of
    Gouwens et al. (2018), who stimulated with 10 pA more than the strongest recorded current.
    """

    where_SD: Annotated[float, Field(gt=0)] = 75.0
    """Individuals are checked whose sum of scores is below so much times the number of features."""
    above_mV: MilliVolt = -50.0
    """Above it the voltage is blocked, if it stays there."""
    below_mV: MilliVolt = -75.0
    """Below it, too."""
    longest_ms: Ms = 50.0
    """How long it may stay there at a stretch."""
    score: float = 75.0
    """Of each feature of an individual that fails."""
