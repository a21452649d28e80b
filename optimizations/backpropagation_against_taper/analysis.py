"""The spike's amplitude along the trunk, for each law of its diameters."""

PLACES = {
    "soma": 0,
    "trunk100": 100,
    "trunk200": 200,
    "trunk300": 300,
    "trunk400": 400,
    "trunk500": 500,
    "apical620": 620,
    "apical800": 800,
}
COLOURS = {
    "as drawn": "#1d2733",
    "4 to 2 um": "#c2571a",
    "5 to 1 um": "#bf3b2b",
    "5 to 1 um, exponential": "#d39c2f",
    "3 um": "#2463a8",
    "2 to 4 um": "#5b8f3a",
    "2 um": "#66717f",
    "4 um": "#8a5aa8",
}


def tables(rows):
    """Return a row for each law, with calcium channels and without, and place."""
    return {"along": [_at(row, place) for row in rows for place in PLACES]}


def draw(figure, rows, tables):
    """Draw amplitudes by distance, without calcium channels and with them."""
    axes = figure.subplots(1, 2, sharey=True)
    for panel, calcium in zip(axes, (0, 1), strict=True):
        for law, colour in COLOURS.items():
            own = [o for o in tables["along"] if (o["trunk"], o["calcium"]) == (law, calcium)]
            x, y = [one["distance_um"] for one in own], [one["amplitude_mV"] for one in own]
            panel.plot(x, y, "o-", color=colour, ms=3, label=law)
        words = "as they are" if calcium else "removed"
        panel.set(
            xlabel="distance from the soma (um)", title=f"calcium channels of the tree {words}"
        )
    axes[0].set(ylabel="peak above rest (mV)", ylim=(0, None))
    axes[0].legend(fontsize=8)


def _at(row, place):
    return {
        "trunk": _law(row),
        "calcium": int(not row["cell"].endswith("no_calcium")),
        "spikes": row["soma.v.spike_count"],
        "distance_um": PLACES[place],
        "amplitude_mV": row[f"{place}.v.peak_amplitude"],
    }


def _law(row):
    if row["cell"].startswith("drawn"):
        return "as drawn"
    start, end = row["edit.taper.start_um"], row["edit.taper.end_um"]
    if start == end:
        return f"{start:g} um"
    exponential = ", exponential" if row["edit.taper.law"] == "exponential" else ""
    return f"{start:g} to {end:g} um{exponential}"
