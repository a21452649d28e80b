"""EPSPs and constant currents by the resistance of the neck, beside the voltage divider."""

NECK = "edit.add-spines.neck_MOhm"
INPUT = "cell.passive.input_MOhm(dend[0](0.5))"
CABLE = {
    "cable_to_dendrite": "cell.passive.voltage_ratio(dend[2](0.5),dend[0](0.5))",
    "cable_to_head": "cell.passive.voltage_ratio(dend[0](0.5),dend[2](0.5))",
}


def tables(rows):
    """Return a row for each neck, and for the dendrite with an even number of segments."""
    cells = list(dict.fromkeys((row["cell"], row[NECK]) for row in rows))
    necks = [_neck(rows, cell, neck) for cell, neck in cells]
    for one in necks:
        one["soma_relative"] = one["soma_mV"] / necks[0]["soma_mV"]
    return {"necks": necks}


def draw(figure, rows, tables):
    """Draw the three EPSPs, and how constant currents reach the other side."""
    epsps, ratios = figure.subplots(1, 2)
    own = [one for one in tables["necks"] if one["cell"] == "spine"]
    x = [one["neck_MOhm"] for one in own]
    places = {"head": "#5b8f3a", "dendrite": "#c8352b", "soma": "#1d2733"}
    for place, colour in places.items():
        epsps.plot(x, [one[f"{place}_mV"] for one in own], "o-", color=colour, ms=4, label=place)
    epsps.set(
        xlabel="resistance of the neck (MOhm)", ylabel="peak of the EPSP (mV)", ylim=(0, None)
    )
    epsps.legend()
    ways = {"to_head": "from dendrite to head", "to_dendrite": "from head to dendrite"}
    for name, colour in zip(ways, ("#c8352b", "#5b8f3a"), strict=True):
        y = [one[name] for one in own]
        ratios.plot(x, y, "o", color=colour, ms=4, label=ways[name])
    y = [one["predicted"] for one in own]
    ratios.plot(x, y, color="#66717f", lw=0.8, label="divider, Rd / (Rd + Rneck)")
    ratios.set(
        xlabel="resistance of the neck (MOhm)", ylabel="steady voltage ratio", ylim=(0, 1.05)
    )
    ratios.legend(loc="lower left")


def _neck(rows, cell, neck):
    own = {row["protocol"]: row for row in rows if (row["cell"], row[NECK]) == (cell, neck)}
    epsp, input_MOhm = own["epsp"], own["epsp"][INPUT]
    found = {"cell": cell, "neck_MOhm": neck, "dendrite_MOhm": input_MOhm}
    found |= {f"{p}_mV": epsp[f"{p}.v.peak_amplitude"] for p in ("head", "dendrite", "soma")}
    for name, into, here, there in (
        ("to_dendrite", "into_head", "head", "dendrite"),
        ("to_head", "into_dendrite", "dendrite", "head"),
    ):
        one = own[into]
        found[name] = one[f"{there}.v.peak_amplitude"] / one[f"{here}.v.peak_amplitude"]
    found["predicted"] = input_MOhm / (input_MOhm + neck)
    return found | {name: epsp[column] for name, column in CABLE.items()}
