"""Simulated responses as an NWB 2 file of current-clamp sweeps, with an amplifier's noise."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.protocols import Protocol, Trace
from workbench.units import amount

SAMPLING_kHz = 20.0
FILTERED = 0.25
"""Where the noise's filter ends, as a part of the sampling rate: half of what samples can tell."""

_POLES = 4
_NWB = "2.7.0"
_HDMF = "1.8.0"


@dataclass(frozen=True)
class _Sweep:
    """One voltage, at an electrode, with what one of the electrodes injects."""

    protocol: str
    electrode: str
    injecting: str
    repeat: int
    v_mV: Floats
    i_nA: Floats
    sampling_kHz: float


def write_sweeps(
    path: Path,
    cell: str,
    runs: Sequence[tuple[Protocol, Mapping[str, Trace]]],
    *,
    sweeps: int = 1,
    noise_mV: float = 0.0,
    sampling_kHz: float = SAMPLING_kHz,
    seed: int = 1,
) -> None:
    """Write the voltages of some protocols as current-clamp sweeps; parameters as in `write_nwb`.

    Raises
    ------
    InputError
        If a number cannot be, nothing is a voltage, or a protocol's current is not that of one
        electrode.
    """
    import h5py

    if sweeps < 1 or seed < 0:
        raise InputError(f"sweeps is {sweeps} and seed {seed}; sweeps are at least 1, seed 0")
    if not amount("noise_mV", noise_mV) >= 0 or not 0 < amount("sampling_kHz", sampling_kHz) <= 1e3:
        raise InputError(
            f"noise_mV is {noise_mV:g} and sampling_kHz {sampling_kHz:g}; noise is not below 0, "
            "sampling above 0 and at most 1000"
        )
    asked = [(protocol.bound(), traces) for protocol, traces in runs]
    sites = _sites([protocol for protocol, _ in asked])
    if not any(one.variable == "v" for protocol, _ in asked for one in protocol.recordings):
        raise InputError("no voltage is recorded; a sweep is one, such as soma.v")
    rng = np.random.default_rng(seed)
    drawn = (
        sweep
        for protocol, traces in asked
        for sweep in _sweeps(protocol, traces, sites, sweeps, noise_mV, sampling_kHz, rng)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    try:
        with h5py.File(partial, "w") as file:
            electrodes = _begin(file, cell, sites)
            for number, sweep in enumerate(drawn):
                _write(file, number, sweep, electrodes)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _sweeps(
    protocol: Protocol,
    traces: Mapping[str, Trace],
    sites: Mapping[str, str],
    sweeps: int,
    noise_mV: float,
    sampling_kHz: float,
    rng: np.random.Generator,
) -> Iterator[_Sweep]:
    """Yield the sweeps of a protocol: each voltage as often as asked, with noise of its own."""
    t_ms, (i_nA, site) = _t_ms(protocol, sampling_kHz), _current(protocol, sampling_kHz)
    for one in protocol.recordings:
        if one.variable != "v":
            continue
        injecting = next((name for name, place in sites.items() if place == site), one.location)
        trace = traces[one.name]
        v_mV = np.interp(t_ms, trace.t_ms, trace.values)
        for repeat in range(sweeps):
            noisy_mV = v_mV + noise_mV * _noise(rng, v_mV.size) if noise_mV else v_mV
            yield _Sweep(
                protocol.name, one.location, injecting, repeat, noisy_mV, i_nA, sampling_kHz
            )


def _t_ms(protocol: Protocol, sampling_kHz: float) -> Floats:
    count = round(protocol.duration_ms * sampling_kHz)
    if count < 2:
        raise InputError(
            f"protocol {protocol.name}: {protocol.duration_ms:g} ms at {sampling_kHz:g} kHz are "
            f"{count} samples; sample it faster"
        )
    return np.arange(count) / sampling_kHz


def _current(protocol: Protocol, sampling_kHz: float) -> tuple[Floats, str]:
    """Return what all stimuli inject, which one electrode has to do, and where that is."""
    sites = {str(one.site) for one in protocol.stimuli}
    if len(sites) > 1:
        raise InputError(
            f"protocol {protocol.name} injects at {' and '.join(sorted(sites))}; a sweep has the "
            "current of one electrode: leave the others out"
        )
    t_ms = _t_ms(protocol, sampling_kHz)
    found = np.zeros(t_ms.size)
    for one in protocol.stimuli:
        i_nA = one.current_nA(t_ms)
        if i_nA is None:
            raise InputError(
                f"protocol {protocol.name}: a {one.kind} decides on its current by the voltage; "
                "only currents can be written as current clamp"
            )
        found += i_nA
    return found, next(iter(sites), "")


def _noise(rng: np.random.Generator, samples: int) -> Floats:
    """Return Gaussian noise of SD 1 behind a Bessel filter of four poles, as amplifiers have it."""
    from scipy.signal import bessel, sosfilt, sosfreqz

    filtered = bessel(_POLES, 2 * FILTERED, norm="mag", output="sos")
    _, gain = sosfreqz(filtered, 4096)
    settled = 100
    drawn = sosfilt(filtered, rng.normal(size=samples + settled))[settled:]
    found: Floats = drawn / np.sqrt(np.mean(np.abs(gain) ** 2))
    return found


def _sites(protocols: Sequence[Protocol]) -> dict[str, str]:
    """Return by the name of an electrode where it sits: of each recording, and of each current."""
    found: dict[str, str] = {}
    for protocol in protocols:
        for one in protocol.recordings:
            if one.variable == "v" and found.setdefault(one.location, str(one.site)) != str(
                one.site
            ):
                raise InputError(
                    f"{one.location} is at {found[one.location]} and, in {protocol.name}, at "
                    f"{one.site}; an electrode stays where it is: call one of them otherwise"
                )
    for protocol in protocols:
        for site in {str(one.site) for one in protocol.stimuli} - set(found.values()):
            found[f"current at {site}"] = site
    return found


def _begin(file: Any, cell: str, sites: Mapping[str, str]) -> dict[str, Any]:
    """Write what every NWB file has to hold; return the electrodes by name."""
    now = datetime.now(UTC).isoformat()
    program = f"neuron-workbench {version('neuron-workbench')}"
    _typed(file, "core", "NWBFile")
    file.attrs["nwb_version"] = _NWB
    file["identifier"] = str(uuid4())
    file["session_description"] = f"{cell}, simulated by {program}"
    file["session_start_time"] = file["timestamps_reference_time"] = now
    file.create_dataset("file_create_date", data=[now], maxshape=(None,), dtype=_text())
    for name in ("acquisition", "analysis", "processing", "stimulus/presentation"):
        file.create_group(name)
    file.create_group("stimulus/templates")
    general = file.create_group("general")
    general["source_script"] = program
    general["source_script"].attrs["file_name"] = "workbench simulate"
    device = _typed(general.create_group("devices/simulation"), "core", "Device")
    device.attrs["description"] = program
    made = {}
    for name, site in sites.items():
        one = general.create_group(f"intracellular_ephys/{name}")
        made[name] = _typed(one, "core", "IntracellularElectrode")
        one["description"], one["location"] = f"an electrode without resistance at {site}", site
        one["device"] = _linked(device)
    return made


def _write(file: Any, number: int, sweep: _Sweep, electrodes: Mapping[str, Any]) -> None:
    name = f"{sweep.protocol}_{sweep.electrode}_{sweep.repeat}"
    for place, kind, data, unit, conversion, electrode in (
        ("acquisition", "CurrentClampSeries", sweep.v_mV, "volts", 1e-3, sweep.electrode),
        (
            "stimulus/presentation",
            "CurrentClampStimulusSeries",
            sweep.i_nA,
            "amperes",
            1e-9,
            sweep.injecting,
        ),
    ):
        series = _typed(file.create_group(f"{place}/{name}"), "core", kind)
        series.attrs["stimulus_description"] = sweep.protocol
        series.attrs["sweep_number"] = np.uint32(number)
        series.attrs["description"] = series.attrs["comments"] = "simulated"
        values = series.create_dataset("data", data=data, compression="gzip", shuffle=True)
        values.attrs["unit"], values.attrs["conversion"] = unit, conversion
        values.attrs["offset"], values.attrs["resolution"] = 0.0, -1.0
        begin = series.create_dataset("starting_time", data=0.0)
        begin.attrs["rate"], begin.attrs["unit"] = 1e3 * sweep.sampling_kHz, "seconds"
        series["electrode"] = _linked(electrodes[electrode])


def _typed(group: Any, namespace: str, kind: str) -> Any:
    group.attrs["namespace"], group.attrs["neurodata_type"] = namespace, kind
    group.attrs["object_id"] = str(uuid4())
    return group


def _linked(group: Any) -> Any:
    import h5py

    return h5py.SoftLink(group.name)


def _text() -> Any:
    import h5py

    return h5py.string_dtype()
