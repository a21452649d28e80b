"""Peaks and widths by the number of synapses, with the threshold of the NMDA spike."""

ONE_uS = 5e-4
RECEPTORS = {(1, 1): "both", (0, 1): "AMPA", (1, 0): "no_mg"}
LABELS = {"both": "AMPA and NMDA", "AMPA": "AMPA alone", "no_mg": "both, no magnesium"}
COLOURS = {"both": "#bf3b2b", "AMPA": "#2463a8", "no_mg": "#66717f"}


def tables(rows):
    """Return a row for each number of synapses."""
    counts = [_count(row) for row in rows]
    ones = {one["receptors"]: one["soma_mV"] for one in counts if one["n"] == 1}
    for one in counts:
        one["soma_of_sum"] = one["soma_mV"] / (one["n"] * ones[one["receptors"]])
    return {"counts": counts}


def draw(figure, rows, tables):
    """Draw what becomes of the dendrite's peak, its width, and the soma."""
    names = {
        "dendrite_mV": "peak in the dendrite (mV)",
        "width_ms": "width at half the peak (ms)",
        "soma_mV": "peak in the soma (mV)",
    }
    for axes, (name, label) in zip(figure.subplots(1, 3), names.items(), strict=True):
        for receptors, colour in COLOURS.items():
            own = [one for one in tables["counts"] if one["receptors"] == receptors]
            x, y = [one["n"] for one in own], [one[name] for one in own]
            axes.plot(x, y, "o-", color=colour, ms=3, label=LABELS[receptors])
        axes.set(xlabel="synapses at once", ylabel=label)
        axes.set_ylim(bottom=0)
    figure.axes[0].legend(fontsize=8)


def _count(row):
    return {
        "receptors": RECEPTORS[row["ratio.synapses"], row["mg.synapses"]],
        "n": round(row["weight.synapses"] / ONE_uS),
        "dendrite_mV": row["dendrite.v.peak_amplitude"],
        "width_ms": row["dendrite.v.width_at_half"],
        "soma_mV": row["soma.v.peak_amplitude"],
    }
