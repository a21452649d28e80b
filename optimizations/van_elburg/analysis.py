"""Which trees burst: classes by the burst measure, and the figure of the size window."""

BURSTING = 0.3
"""Above this B2 a cell bursts; regular firing has about 0."""

LENGTH_um = 1750


def tables(rows):
    """Return the class of each tree and length."""
    return {"classes": [_class(row) for row in rows]}


def draw(figure, rows, tables):
    """Draw the size window of two trees, and all trees of one length by their mean path."""
    window, paths = figure.subplots(1, 2)
    for number, colour, name in ((1, "#2463a8", "tree 1"), (23, "#c2571a", "tree 23")):
        own = [row for row in rows if row["morphology.number"] == number]
        own.sort(key=lambda row: row["morphology.length_um"])
        x = [row["morphology.length_um"] for row in own]
        y = [_b2(row) for row in own]
        window.plot(x, y, "-", color=colour, label=name)
        for row in own:
            at = row["morphology.length_um"], _b2(row)
            window.plot(*at, "o", color=colour, ms=4, mfc=colour if _spikes(row) else "white")
    window.set(xlabel="length of the dendrite (um)", ylabel="burst measure B2")
    window.axhline(BURSTING, color="#66717f", lw=0.8, ls=(0, (4, 3)))
    window.legend()
    same = [row for row in rows if row["morphology.length_um"] == LENGTH_um]
    for row in same:
        colour = "#bf3b2b" if _b2(row) > BURSTING else "#66717f"
        at = row["cell.passive.mean_path"], _b2(row)
        paths.plot(*at, "o", color=colour, ms=4)
        if row["morphology.number"] in (1, 8, 10, 12, 13, 23):
            text = f"{row['morphology.number']:g}"
            paths.annotate(text, at, (4, 4), textcoords="offset points", fontsize=8)
    paths.axhline(BURSTING, color="#66717f", lw=0.8, ls=(0, (4, 3)))
    paths.set(xlabel=f"mean electrotonic path of the 23 trees at {LENGTH_um} um", ylabel="B2")


def _class(row):
    return {
        "tree": row["morphology.number"],
        "topology": row["morphology.topology"],
        "length_um": row["morphology.length_um"],
        "mean_path": row["cell.passive.mean_path"],
        "class": "bursts" if _b2(row) > BURSTING else "regular" if _spikes(row) else "silent",
        "bursts": int(_b2(row) > BURSTING),
    }


def _spikes(row):
    return row["soma.v.spike_count"]


def _b2(row):
    value = row["soma.v.burst_b2"]
    return 0.0 if value is None else value
