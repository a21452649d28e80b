"""Small files of recordings, byte for byte as the formats have them."""

import struct
from pathlib import Path

import h5py
import numpy as np

from workbench.arrays import Floats


def step_nA(
    amplitude_nA: float, *, dt_ms: float = 0.1, until_ms: float = 500.0, holding_nA: float = 0.0
) -> Floats:
    """Return a step from 100 to 400 ms."""
    t_ms = np.arange(round(until_ms / dt_ms)) * dt_ms
    return holding_nA + np.where((t_ms >= 100) & (t_ms < 400 - dt_ms / 2), amplitude_nA, 0.0)


def passive_mV(i_nA: Floats, *, dt_ms: float = 0.1, rest_mV: float = -70.0) -> Floats:
    """Return the voltage of 100 MOhm and 10 ms, in closed form from step to step."""
    v_mV = np.empty(i_nA.size)
    now = 100 * i_nA[0]
    for place, current in enumerate(i_nA):
        v_mV[place] = now
        now = 100 * current + (now - 100 * current) * np.exp(-dt_ms / 10)
    return rest_mV + v_mV


def with_spikes(v_mV: Floats, times_ms: list[float], *, dt_ms: float = 0.1) -> Floats:
    """Return a voltage with spikes to 30 mV, triangles of 2 ms, that begin at some times."""
    found = v_mV.copy()
    for time_ms in times_ms:
        begin, half = round(time_ms / dt_ms), round(1 / dt_ms)
        up = np.linspace(0, 1, half + 1)
        part = np.concatenate([up, up[-2::-1]])
        found[begin : begin + part.size] += part * (30.0 - found[begin])
    return found


def write_ibw(
    path: Path, values: Floats, unit: str, *, of_time: str = "s", dt_s: float = 1e-4
) -> None:
    """Write an Igor binary wave of version 2: 16 bytes, 110 bytes, samples, 16 bytes."""
    samples = np.asarray(values, dtype="<f4").tobytes()
    size = 110 + len(samples) + 16
    head = struct.pack("<hiiih", 2, size, 0, 0, 0)
    wave = struct.pack(
        "<hi20shhi4s4sihddhhhddcciiI2sIi",
        *(2, 0, path.stem.encode()[:18], 0, 0, 0, unit.encode(), of_time.encode()),
        *(len(samples) // 4, 0, dt_s, 0.0, 0, 0, 0, 0.0, 0.0, b"\0", b"\0", 0, 0, 0, b"", 0, 0),
    )
    # All 16-bit words of both headers add up to nothing.
    total = sum(struct.unpack(f"<{len(head + wave) // 2}h", head + wave))
    checksum = (-total + 2**15) % 2**16 - 2**15
    path.write_bytes(struct.pack("<hiiih", 2, size, 0, 0, checksum) + wave + samples + bytes(16))


def write_nwb(
    path: Path, sweeps: list[tuple[Floats, Floats | None]], *, dt_ms: float = 0.1, paired: str
) -> None:
    """Write current-clamp series in mV and pA; `paired` by "table", "number" or "name"."""
    with h5py.File(path, "w") as file:
        electrode = file.create_group("general/intracellular_ephys/electrode_0")
        electrode["seal"], electrode["initial_access_resistance"] = "0.8 GOhm", "12 MOhm"
        pairs = []
        for number, (v_mV, i_nA) in enumerate(sweeps):
            name = f"sweep_{number}"
            series = _series(file, f"acquisition/{name}", v_mV, "volts", 1e-3, dt_ms)
            series.attrs["neurodata_type"] = "CurrentClampSeries"
            series.attrs["stimulus_description"] = "Long Square"
            series["electrode"] = h5py.SoftLink(electrode.name)
            series["bridge_balance"], series["bias_current"] = 15e6, 20e-12
            series["gain"] = 100.0
            if i_nA is None:
                continue
            place = f"stimulus/presentation/{name if paired == 'name' else f'given_{number}'}"
            given = _series(file, place, i_nA * 1e3, "amperes", 1e-12, dt_ms)
            given.attrs["neurodata_type"] = "CurrentClampStimulusSeries"
            if paired == "number":
                series.attrs["sweep_number"] = given.attrs["sweep_number"] = np.uint32(number)
            pairs.append((series, given))
        if paired == "table":
            _table(file, pairs)


def _series(
    file: h5py.File, name: str, values: Floats, unit: str, conversion: float, dt_ms: float
) -> h5py.Group:
    series = file.create_group(name)
    data = series.create_dataset("data", data=values)
    data.attrs["unit"], data.attrs["conversion"] = unit, conversion
    begin = series.create_dataset("starting_time", data=0.0)
    begin.attrs["rate"], begin.attrs["unit"] = 1e3 / dt_ms, "seconds"
    return series


def _table(file: h5py.File, pairs: list[tuple[h5py.Group, h5py.Group]]) -> None:
    kind = np.dtype([("idx_start", "i4"), ("count", "i4"), ("timeseries", h5py.ref_dtype)])
    table = file.create_group("general/intracellular_ephys/intracellular_recordings")
    for column, place in (("responses/response", 0), ("stimuli/stimulus", 1)):
        rows = [(0, pair[place]["data"].shape[0], pair[place].ref) for pair in pairs]
        table.create_dataset(column, data=np.array(rows, dtype=kind))


def give_command(path: Path, unit: str, levels: list[float], samples: list[int]) -> None:
    """Put an epoch table of steps, rising by the first level each sweep, into an ABF 1 file."""
    data = bytearray(path.read_bytes())
    if struct.unpack_from("i", data, 40) == (4,):
        # The writer's header ends before the table, that of files of version 1.6 behind it.
        struct.pack_into("i", data, 40, 12)
        data[2048:2048] = bytes(4096)
    for channel in range(4):
        struct.pack_into("8s", data, 1346 + 8 * channel, unit.ljust(8).encode())
    struct.pack_into("2h", data, 2296, 1, 0)
    struct.pack_into("2h", data, 2300, 1, 0)
    for epoch, (level, length) in enumerate(zip(levels, samples, strict=True)):
        struct.pack_into("h", data, 2308 + 2 * epoch, 1)
        struct.pack_into("f", data, 2348 + 4 * epoch, level)
        struct.pack_into("f", data, 2428 + 4 * epoch, level)
        struct.pack_into("i", data, 2508 + 4 * epoch, length)
    path.write_bytes(data)


def write_family(folder: Path) -> list[Path]:
    """Write Igor waves of two cells under four steps each, which fire from 0.1 and 0.12 nA on."""
    found = []
    for cell, rheobase_nA in (("A", 0.1), ("B", 0.12)):
        for number, percent in enumerate((-50, 50, 100, 150)):
            i_nA = step_nA(percent / 100 * rheobase_nA, holding_nA=-0.01)
            rest_mV = -70.0 if cell == "A" else -72.0
            v_mV = passive_mV(i_nA, rest_mV=rest_mV)
            every_ms = 4000 / percent + (2 if cell == "B" else 0)
            begins = np.arange(115 + number, 390, every_ms).tolist() if percent >= 100 else []
            v_mV = with_spikes(v_mV, begins)
            for channel, values, unit in ((0, i_nA * 1e3, "pA"), (3, v_mV, "mV")):
                found.append(folder / f"{cell}_Ch{channel}_IDRest_{number}.ibw")
                write_ibw(found[-1], values, unit)
    return found
