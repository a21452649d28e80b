"""Sweeps of cells, all together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, overload

from workbench.errors import InputError, unknown
from workbench.features.trains import mean_coincidence, mean_explained_variance
from workbench.recordings.pulses import Pulses, mean_pulses
from workbench.recordings.quality import (
    REASONS,
    Limits,
    Remark,
    access_MOhm,
    input_MOhm,
    remarks,
)
from workbench.recordings.repeats import repeats_of
from workbench.recordings.sweep import Sweep

MOST_SHOWN = 4
"""Sweeps, and cells, in what a value prints."""


@dataclass(frozen=True)
class Recordings(Sequence[Sweep]):
    """Sweeps in the order in which they were read; a sequence of `Sweep`.

    Attributes
    ----------
    sweeps
        All of them.
    limits
        Beyond which a sweep is odd.
    done
        What was done to the files' numbers, a sentence each.
    """

    sweeps: tuple[Sweep, ...]
    limits: Limits = field(default_factory=Limits)
    done: tuple[str, ...] = ()

    @overload
    def __getitem__(self, index: int | str) -> Sweep: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Sweep, ...]: ...

    def __getitem__(self, index: int | str | slice) -> Sweep | tuple[Sweep, ...]:
        if isinstance(index, str):
            by_name = {one.name: one for one in self.sweeps}
            if index not in by_name:
                raise InputError(unknown("sweep", index, by_name))
            return by_name[index]
        return self.sweeps[index]

    def __len__(self) -> int:
        return len(self.sweeps)

    def __iter__(self) -> Iterator[Sweep]:
        return iter(self.sweeps)

    def __repr__(self) -> str:
        cells = [*self.cells[:MOST_SHOWN], *["..."] * (len(self.cells) > MOST_SHOWN)]
        lines = [f"<Recordings: {len(self)} sweeps of {', '.join(cells)}>"]
        odd = sum(bool(found) for found in self.remarks.values())
        lines += [f"  {one!r}" for one in self.sweeps[:MOST_SHOWN]]
        lines += [f"  and {len(self) - MOST_SHOWN} more"] * (len(self) > MOST_SHOWN)
        return "\n".join([*lines, f"  something is odd about {odd} of them"])

    @property
    def cells(self) -> list[str]:
        """The names of the cells, in the order in which they came."""
        return list(dict.fromkeys(one.cell for one in self.sweeps))

    @cached_property
    def remarks(self) -> dict[str, tuple[Remark, ...]]:
        """What is odd about each sweep, by its name."""
        found = remarks(self.sweeps, self.limits)
        return {one.name: odd for one, odd in zip(self.sweeps, found, strict=True)}

    @cached_property
    def repeats(self) -> list[tuple[Sweep, ...]]:
        """Groups of sweeps in which the same current was injected into the same cell."""
        return repeats_of(self.sweeps)

    def without(self, *reasons: str) -> tuple["Recordings", dict[str, tuple[Remark, ...]]]:
        """Return the sweeps that are not odd for these reasons, and the others' names with theirs.

        Parameters
        ----------
        reasons
            Of `REASONS`; none stands for all of them.

        Raises
        ------
        InputError
            If there is no such reason, or no sweep would be left.
        """
        for reason in reasons:
            if reason not in REASONS:
                raise InputError(unknown("reason", reason, REASONS))
        chosen = set(reasons or REASONS)
        out = {
            name: hit
            for name, found in self.remarks.items()
            if (hit := tuple(one for one in found if one.reason in chosen))
        }
        left = tuple(one for one in self.sweeps if one.name not in out)
        if not left:
            raise InputError(f"no sweep is without {', '.join(sorted(chosen))}; allow some of it")
        return Recordings(left, self.limits, self.done), out

    def pulses(self) -> Pulses:
        """Return the mean answers to the small pulses that the sweeps hold, one each.

        Raises
        ------
        InputError
            As `mean_pulses`.
        """
        return mean_pulses(self.sweeps)

    def rows(self) -> list[dict[str, Any]]:
        """Return what is known of each sweep, a row each: see `table`."""
        groups = {one.name: n for n, group in enumerate(self.repeats, 1) for one in group}
        return [self._row(one, groups.get(one.name)) for one in self.sweeps]

    def table(self) -> Any:
        """Return a pandas.DataFrame with a row a sweep: its stimulus, what is odd, repeats.

        `repeats` numbers the groups of sweeps that have one stimulus; `odd` tells the reasons.
        """
        import pandas

        return pandas.DataFrame(self.rows())

    def reliability(
        self, sigma_ms: Sequence[float] = (4.0, 10.0, 20.0), window_ms: float = 4.0
    ) -> list[dict[str, Any]]:
        """Return for each group of repeats how alike its trains of spikes are, a row each.

        Parameters
        ----------
        sigma_ms
            Of the Gaussians of the explained variance.
        window_ms
            Of the coincidence factor, to either side.

        Returns
        -------
        Rows with `repeats` (the group's number), `cell`, `sweeps`, `spikes` (least and most),
        `explained_variance_<sigma>ms` and `coincidence_<window>ms`, means over all pairs. Groups
        in which a sweep has no spike are left out.
        """
        found = []
        for number, group in enumerate(self.repeats, 1):
            trains = [one.spikes_ms for one in group]
            if not all(train.size for train in trains):
                continue
            duration_ms = min(one.duration_ms for one in group)
            row = {
                "repeats": number,
                "cell": group[0].cell,
                "sweeps": len(group),
                "spikes": [min(t.size for t in trains), max(t.size for t in trains)],
            }
            for sigma in sigma_ms:
                row[f"explained_variance_{sigma:g}ms"] = mean_explained_variance(
                    trains, sigma, duration_ms
                )
            row[f"coincidence_{window_ms:g}ms"] = mean_coincidence(trains, window_ms, duration_ms)
            found.append(row)
        return found

    def _row(self, one: Sweep, group: int | None) -> dict[str, Any]:
        shape, odd = one.shape, self.remarks[one.name]
        return {
            "cell": one.cell,
            "sweep": one.name,
            "protocol": one.protocol,
            "stimulus": shape.kind,
            "onset_ms": shape.onset_ms,
            "duration_ms": shape.duration_ms,
            "amplitude_nA": shape.amplitude_nA,
            "holding_nA": shape.holding_nA,
            "bias_nA": one.facts.bias_nA,
            "bridge_MOhm": one.facts.bridge_MOhm,
            "sampling_kHz": 1 / one.dt_ms,
            "length_ms": one.duration_ms,
            "ljp_mV": one.ljp_mV,
            "spikes": int(one.spikes_ms.size),
            "input_MOhm": input_MOhm(one),
            "access_MOhm": access_MOhm(one),
            "repeats": group,
            "odd": ", ".join(dict.fromkeys(remark.reason for remark in odd)),
            "why": "; ".join(remark.words for remark in odd),
            "files": ", ".join(one.files),
        }
