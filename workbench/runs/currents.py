"""Which currents cross the membrane at a place while a cell responds, mechanism by mechanism.

NEURON has the current that a mechanism writes for an ion by itself where its .mod file says RANGE;
of the others it has the ion's total, which is theirs together once the former are taken away.
"""

import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.cells import CellRecipe
from workbench.cells.ions import suffixes_by_section
from workbench.engines import Failure, Integrator, Job
from workbench.engines.opening import check, compiled_for
from workbench.engines.tasks import simulate
from workbench.errors import EngineError, InputError
from workbench.features import Window
from workbench.mechanisms import Mechanism, combine
from workbench.morphology import Site, locate, parse_site
from workbench.protocols import Recording
from workbench.runs.spiking import spikes_of
from workbench.studies import Study
from workbench.workers import ProcessWorkers, Stop

FILE = "currents.npz"
SITE = "soma(0.5)"
_CAPACITIVE = "i_cap"
_HERE = "here"
_FOOT_ms = 1.0
_BROKEN = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Currents:
    """The currents through the membrane of one segment.

    Attributes
    ----------
    at
        The parameter set, by name.
    site, protocol, integrator
        Where, under what, and how it was computed.
    t_ms, v_mV
        Times and the voltage there, (n,).
    names
        `<mechanism>.<current>`: `NaTs2_t.ina`, `pas.i`; of several that NEURON adds up, `a + b.ik`.
    densities
        In mA/cm2, outward above 0, (m, n).
    capacitive
        The current that charges the membrane, in mA/cm2, (n,). What the densities and it do not
        sum to came along the cable, or from an electrode.
    left_out
        Point processes in the segment's section: they have currents of their own, in nA.
    """

    at: Mapping[str, float]
    site: str
    protocol: str
    integrator: str
    t_ms: Floats
    v_mV: Floats
    names: tuple[str, ...]
    densities: Floats
    capacitive: Floats
    left_out: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Currents at {self.site} under {self.protocol}: {', '.join(self.names)}>"

    def total(self, inward: bool) -> Floats:
        """Return the sum of all that flows one way, in mA/cm2 and not below 0, (n,)."""
        total: Floats = self._one_way(inward).sum(axis=0)
        return total

    def shares(self, inward: bool) -> Floats:
        """Return the share of each in what flows one way, 0 to 1, (m, n); 0 where nothing does."""
        total = self.total(inward)
        return self._one_way(inward) / np.where(total > 0, total, 1.0)

    def charges(self, begin_ms: float, end_ms: float, inward: bool) -> Floats:
        """Return the charge that each carried one way in a time, in uC/cm2, (m,)."""
        inside = (self.t_ms >= begin_ms) & (self.t_ms <= end_ms)
        flow = self._one_way(inward)[:, inside]
        charges: Floats = np.asarray(np.trapezoid(flow, self.t_ms[inside], axis=1))
        return charges

    def spikes(self) -> list[dict[str, Any]]:
        """Return a row a spike and current: its shares of the charge that makes the spike.

        `rise` is its share of the inward charge from a millisecond before the voltage crosses -20
        mV to the peak, `fall` of the outward charge from the peak to the trough after it.
        """
        begin_ms, end_ms = float(self.t_ms[0]), float(self.t_ms[-1])
        spikes = spikes_of(self.t_ms, self.v_mV, Window(begin_ms, end_ms))
        rows = []
        each = zip(spikes.crossings_ms, spikes.peaks, spikes.troughs, strict=True)
        for number, (crossing_ms, (peak_ms, peak_mV), (trough_ms, _)) in enumerate(each, start=1):
            rise = self.charges(crossing_ms - _FOOT_ms, peak_ms, inward=True)
            fall = self.charges(peak_ms, trough_ms, inward=False)
            for name, up, down in zip(self.names, _shares(rise), _shares(fall), strict=True):
                spike = {"spike": number, "peak_ms": peak_ms, "peak_mV": peak_mV}
                rows.append({**spike, "current": name, "rise": up, "fall": down})
        return rows

    def rows(self) -> list[dict[str, float]]:
        """Return a row a time, by the names of `columns`."""
        columns = {name: line.tolist() for name, line in self.columns().items()}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def windows_ms(self) -> tuple[tuple[float, float], ...]:
        """Return when to look: all, and around the first spike, if there is one."""
        whole = float(self.t_ms[0]), float(self.t_ms[-1])
        spikes = spikes_of(self.t_ms, self.v_mV, Window(*whole))
        if not spikes.crossings_ms:
            return (whole,)
        first_ms = spikes.crossings_ms[0]
        return whole, (max(first_ms - 3.0, whole[0]), min(first_ms + 9.0, whole[1]))

    def columns(self) -> dict[str, Floats]:
        """Return times, voltage and all currents by name, each (n,)."""
        currents = dict(zip(self.names, self.densities, strict=True))
        return {"t_ms": self.t_ms, "v_mV": self.v_mV, **currents, "capacitive": self.capacitive}

    def _one_way(self, inward: bool) -> Floats:
        flow: Floats = np.maximum(-self.densities if inward else self.densities, 0.0)
        return flow


def currents_of(
    study: Study,
    values: Mapping[str, float],
    protocol: str,
    site: str = SITE,
    report: Callable[[str], None] | None = None,
    stop: Stop | None = None,
) -> Currents:
    """Return the currents at a site while a cell responds to a protocol.

    NEURON computes them in a child process: under the study's integrator if it can, else with
    CVODE.

    Parameters
    ----------
    values
        Of every free parameter, by name.
    protocol
        One of the study's.
    site
        As protocols name it.
    report
        Told what takes long.

    Raises
    ------
    InputError
        If there is no such protocol or site, no current there, or a value is missing.
    EngineError
        If it cannot be simulated.
    """
    recipe = study.problem.cell(study.problem.row(values))
    asked = study.protocol(protocol)
    integrator = neuron_for(study.problem.integrator_of(protocol))
    where = parse_site(site)
    parts, left_out = _parts(recipe, where)
    if not parts:
        raise InputError(f"{site} has no mechanism that carries a current")
    wanted = dict.fromkeys(("v", _CAPACITIVE, *(one for part in parts.values() for one in part)))
    recordings = tuple(Recording(_HERE, where, variable) for variable in wanted)
    asked = replace(asked, recordings=recordings, maps=())
    check(recipe, [asked], integrator)
    compiled_for(recipe, integrator, report)
    with ProcessWorkers(1, None, stop) as workers:
        [outcome] = simulate([Job(recipe, asked, integrator)], workers)
    if isinstance(outcome, Failure):
        raise EngineError(f"{protocol}: {outcome}")
    found = {variable: outcome[f"{_HERE}.{variable}"].values for variable in wanted}
    # The first of a part is what it sums to, the others are what is taken away from that.
    densities = [found[first] - sum(found[one] for one in rest) for first, *rest in parts.values()]
    return Currents(
        at=dict(values),
        site=site,
        protocol=protocol,
        integrator=str(integrator),
        t_ms=outcome.t_ms,
        v_mV=found["v"],
        names=tuple(parts),
        densities=np.array(densities),
        capacitive=found[_CAPACITIVE],
        left_out=left_out,
    )


def neuron_for(integrator: Integrator) -> Integrator:
    """Return an integrator under which NEURON records more than voltages: itself, or CVODE."""
    if integrator.engine == "neuron" and integrator.step_error_mV is None:
        return integrator
    return Integrator(native=integrator.native)


def write_currents(folder: Path, found: Currents) -> None:
    """Write what was found of a run's individual into its folder, for the report."""
    arrays: dict[str, Any] = {
        name: np.array(getattr(found, name))
        for name in ("site", "protocol", "integrator", "t_ms", "v_mV", "densities", "capacitive")
    }
    for name in ("names", "left_out"):
        arrays[name] = np.array(getattr(found, name), dtype=str)
    arrays["parameters"] = np.array(list(found.at), dtype=str)
    arrays["at"] = np.array(list(found.at.values()), dtype=float)
    partial = folder / f"currents.{os.getpid()}.partial.npz"
    try:
        np.savez_compressed(partial, **arrays)
        os.replace(partial, folder / FILE)
    finally:
        partial.unlink(missing_ok=True)


def read_currents(folder: Path, values: Mapping[str, float]) -> Currents | None:
    """Return what was found of this parameter set; None if nothing was, or it cannot be read."""
    try:
        with (folder / FILE).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            kept = {name: file[name] for name in file.files}
        at = dict(zip(kept["parameters"].tolist(), kept["at"].tolist(), strict=True))
        found = Currents(
            at=at,
            site=str(kept["site"]),
            protocol=str(kept["protocol"]),
            integrator=str(kept["integrator"]),
            t_ms=kept["t_ms"].astype(float),
            v_mV=kept["v_mV"].astype(float),
            names=tuple(kept["names"].tolist()),
            densities=kept["densities"].astype(float),
            capacitive=kept["capacitive"].astype(float),
            left_out=tuple(kept["left_out"].tolist()),
        )
    except _BROKEN:
        return None
    count = found.t_ms.size
    whole = found.densities.shape == (len(found.names), count) and found.v_mV.shape == (count,)
    return found if whole and count > 1 and found.at == dict(values) else None


def _shares(charges: Floats) -> list[float]:
    total = charges.sum()
    shares: list[float] = (charges / total if total > 0 else charges).tolist()
    return shares


def _parts(recipe: CellRecipe, site: Site) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Return what each current is made of, by name, and the point processes that are left out."""
    section = locate(site, recipe.morphology)[0]
    pool = combine(recipe.mechanisms)
    inserted = sorted(suffixes_by_section(recipe)[section])
    placed = sorted(
        {
            one.mechanism
            for one in recipe.placed
            if any(index == section for index, _ in one.points(recipe.morphology))
        }
    )
    parts: dict[str, tuple[str, ...]] = {}
    alone: dict[str, list[str]] = {}
    together: dict[str, list[str]] = {}
    for suffix in inserted:
        mechanism = pool[suffix]
        if mechanism.kind != "density":
            continue
        for current in mechanism.nonspecific_currents:
            parts[f"{suffix}.{current}"] = (f"{current}_{suffix}",)
        for current in _written(mechanism):
            if current in mechanism.assigned:
                parts[f"{suffix}.{current}"] = (f"{current}_{suffix}",)
                alone.setdefault(current, []).append(f"{current}_{suffix}")
            else:
                together.setdefault(current, []).append(suffix)
    for suffix in placed:
        for current in _written(pool[suffix]):
            together.setdefault(current, []).append(suffix)
    for current, whose in together.items():
        parts[f"{' + '.join(whose)}.{current}"] = (current, *alone.get(current, ()))
    left_out = [suffix for suffix in placed if pool[suffix].nonspecific_currents]
    return dict(sorted(parts.items())), tuple(left_out)


def _written(mechanism: Mechanism) -> list[str]:
    """Return the currents that a mechanism writes for ions."""
    return [f"i{ion.name}" for ion in mechanism.ions if f"i{ion.name}" in ion.writes]
