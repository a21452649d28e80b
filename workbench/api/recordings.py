"""Simulated responses as recordings."""

from collections.abc import Sequence
from pathlib import Path

from workbench.api.simulations import Response
from workbench.errors import InputError


def write_nwb(
    responses: Response | Sequence[Response],
    out: str | Path,
    *,
    sweeps: int = 1,
    noise_mV: float = 0.0,
    sampling_kHz: float = 20.0,
    seed: int = 1,
) -> Path:
    """Write the voltages of responses as current-clamp sweeps of an NWB 2 file.

    Each recorded place is an electrode. The stimulus of its sweeps is the current that was injected
    into the cell, wherever that was. Voltages between two steps of the integrator are interpolated
    linearly.

    Parameters
    ----------
    sweeps
        Of each voltage: the same one, each with noise of its own.
    noise_mV
        SD of Gaussian noise that has passed a Bessel filter of four poles at a quarter of the
        sampling rate, as an amplifier's has: neighbouring samples are correlated.
    seed
        Of the noise.

    Raises
    ------
    InputError
        If nothing is a voltage, a protocol injects at several sites or
        clamps the voltage, an electrode would have to be in two places, or a number cannot be.
    """
    from workbench.recordings.writers.nwb import write_sweeps

    given = [responses] if isinstance(responses, Response) else list(responses)
    if not given:
        raise InputError("no responses were given; simulate a protocol first")
    path = Path(out).expanduser()
    write_sweeps(
        path,
        given[0].cell.name,
        [(one.protocol, one) for one in given],
        sweeps=sweeps,
        noise_mV=noise_mV,
        sampling_kHz=sampling_kHz,
        seed=seed,
    )
    return path
