"""Shape indices in time constants, the tree beside its cylinder, conductances, the figure."""

from itertools import pairwise

TAU_ms = 5
DRIVE_mV = 70
"""From rest to where excitation reverses."""

TIMES = ("soma.v.time_to_peak", "soma.v.time_to_half", "soma.v.width_at_half")
RANGES = ((1, 10), (2, 10), (2, 4), (5, 7), (8, 10))


def tables(rows):
    """Return the tables of single and spread inputs, of the tree, and of conductances."""
    single = [_single(row) for row in rows if row["protocol"] == "single"]
    at_soma = {one["a"]: one["peak_mV"] for one in single if one["compartment"] == 1}
    for one in single:
        one["relative_peak"] = one["peak_mV"] / at_soma[one["a"]]
    locus = [one for one in single if one["a"] == 50]
    spread = [_spread(rows, locus, *ends) for ends in RANGES]
    found = {"single": single, "spread": spread, "tree": _tree(rows)}
    pulses = [_pulse(row) for row in rows if row["cell"] in ("long", "short")]
    outward, inward = (_peak(pulses, name) for name in ("outward", "inward"))
    ratio = {"outward": outward, "inward": inward, "ratio": inward / outward}
    return found | {"pulses": pulses, "direction": [ratio]}


def draw(figure, rows, tables):
    """Draw the locus of single inputs with the spread ones, and what order does."""
    plane, order = figure.subplots(1, 2, width_ratios=(3, 2))
    colours = {50: "#2463a8", 25: "#5b8f3a", 12.5: "#c2571a"}
    for a, colour in colours.items():
        own = [one for one in tables["single"] if one["a"] == a]
        x, y = _plane(own)
        plane.plot(x, y, "o-", color=colour, ms=4, label=f"one compartment, a = {a:g}")
        if a == 12.5:
            for one, *at in zip(own, x, y, strict=True):
                text = str(one["compartment"])
                plane.annotate(text, at, (6, -9), textcoords="offset points", fontsize=8)
    x, y = _plane(tables["spread"])
    plane.plot(x, y, "s", mfc="none", color=colours[50], ms=6, label="several, a = 50")
    for one, *at in zip(tables["spread"], x, y, strict=True):
        text = f"{one['first']}-{one['last']}"
        plane.annotate(text, at, (-4, 7), textcoords="offset points", fontsize=8, ha="right")
    plane.set(xlabel="time to peak (time constants)", ylabel="width at half the peak (the same)")
    plane.legend(loc="lower right", fontsize=8)
    bars = {"inward": "towards\nthe soma", "at_once": "all at\nonce", "outward": "away\nfrom it"}
    peaks = [_peak(tables["pulses"], name) for name in bars]
    order.bar(list(bars.values()), peaks, 0.6, color="#8a97a8")
    order.set(ylabel="peak in the soma (of the driving force)")


def _single(row):
    site = row["single.site"]
    return {
        "a": round(TAU_ms / row["single.time_to_peak_ms"], 6),
        "compartment": 1 if site.startswith("soma") else int(site[5:].partition("]")[0]) + 2,
        **_indices(row),
    }


def _spread(rows, locus, first, last):
    [row] = [row for row in rows if row["protocol"] == f"spread_{first}_{last}"]
    found = _indices(row)
    above = found["width_at_half"] - _width_of_locus(locus, found["time_to_peak"])
    return {"first": first, "last": last, **found, "above_locus": above}


def _width_of_locus(locus, time):
    """Return the width of a single input with this time to peak, between two compartments."""
    for one, other in pairwise(locus):
        if one["time_to_peak"] <= time <= other["time_to_peak"]:
            share = (time - one["time_to_peak"]) / (other["time_to_peak"] - one["time_to_peak"])
            return one["width_at_half"] + share * (other["width_at_half"] - one["width_at_half"])
    raise ValueError(f"no single input has its peak after {time:g} time constants")


def _tree(rows):
    cells = ("tree", "cylinder", "coarse")
    own = {(row["cell"], row["protocol"]): row for row in rows if row["cell"] in cells}
    found = []
    for (cell, protocol), row in own.items():
        alike = own["cylinder", "root" if protocol == "root" else "far_end"]
        peak = row["soma.v.peak_amplitude"]
        off = peak / alike["soma.v.peak_amplitude"] - 1
        one = {"cell": cell, "driven": protocol, "peak_mV": peak, "off_cylinder": off}
        found.append(one | _times(row))
    return found


def _pulse(row):
    duration = row.get(f"duration.{row['protocol']}")
    return {
        "cell": row["cell"],
        "input": row["protocol"],
        "step": int(duration is not None and duration > TAU_ms),
        "peak": row["soma.v.peak_amplitude"] / DRIVE_mV,
        **_times(row),
    }


def _peak(pulses, name):
    [one] = [one for one in pulses if one["input"] == name]
    return one["peak"]


def _indices(row):
    return {
        "time_to_peak": _in_tau(row["soma.v.time_to_peak"]),
        "width_at_half": _in_tau(row["soma.v.width_at_half"]),
        "peak_mV": row["soma.v.peak_amplitude"],
    }


def _times(row):
    return {name.split(".")[2]: _in_tau(row[name]) for name in TIMES}


def _in_tau(time_ms):
    return None if time_ms is None else time_ms / TAU_ms


def _plane(table):
    return [one["time_to_peak"] for one in table], [one["width_at_half"] for one in table]
