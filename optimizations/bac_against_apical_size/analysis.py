"""Which sizes have a calcium spike with a spike of the soma alone, which need the EPSP besides."""

LENGTH, DIAMETER = "edit.scale-lengths.factor", "edit.scale-diameters.factor"

CALCIUM_SPIKE_mV = -20
"""Above this at the site of the EPSP there was one."""


def tables(rows):
    """Return a row for each size."""
    sizes = list(dict.fromkeys((row[LENGTH], row[DIAMETER]) for row in rows))
    return {"sizes": [_size(rows, size) for size in sizes]}


def draw(figure, rows, tables):
    """Draw the calcium spike's peak and the soma's spikes of each size, and what it took."""
    sizes = tables["sizes"]
    lengths = list(dict.fromkeys(one["length"] for one in sizes))
    diameters = list(dict.fromkeys(one["diameter"] for one in sizes))
    grids = figure.subplots(1, 2, sharey=True)
    titles = {"bap": "the spike of the soma alone", "bac": "with an EPSP at 620 um"}
    for axes, (name, title) in zip(grids, titles.items(), strict=True):
        values = [[_of(sizes, a, b)[f"{name}_mV"] for b in diameters] for a in lengths]
        shown = axes.imshow(
            values, origin="lower", cmap="viridis", vmin=-70, vmax=20, aspect="auto"
        )
        for i, length in enumerate(lengths):
            for j, diameter in enumerate(diameters):
                one = _of(sizes, length, diameter)
                colour = "white" if one[f"{name}_mV"] < CALCIUM_SPIKE_mV else "black"
                text = f"{one[f'{name}_spikes']:g}"
                axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=9)
        axes.set_xticks(range(len(diameters)), [f"{d:g}" for d in diameters])
        axes.set_yticks(range(len(lengths)), [f"{a:g}" for a in lengths])
        axes.set(xlabel="diameters (factor); in the cells: spikes of the soma", title=title)
    grids[0].set(ylabel="lengths (factor)")
    bar = figure.colorbar(shown, ax=grids)
    bar.set_label("largest voltage at 620 um (mV)")


def _of(sizes, length, diameter):
    [one] = [one for one in sizes if (one["length"], one["diameter"]) == (length, diameter)]
    return one


def _size(rows, size):
    own = {row["protocol"]: row for row in rows if (row[LENGTH], row[DIAMETER]) == size}
    found = {"length": size[0], "diameter": size[1]}
    for name, row in own.items():
        found[f"{name}_spikes"] = row["soma.v.spike_count"]
        found[f"{name}_mV"] = row["apical620.v.maximum"]
    for name, word in (("bap", "spike alone"), ("epsp", "EPSP alone"), ("bac", "both")):
        if found[f"{name}_mV"] > CALCIUM_SPIKE_mV:
            return found | {"calcium_spike": word}
    return found | {"calcium_spike": "none"}
