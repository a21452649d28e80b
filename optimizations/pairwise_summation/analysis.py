"""By how much both together fall short of their sum, over the product: k, and alpha of currents."""

import numpy as np

LENGTHS_um = {"trunk_50": 50, "trunk_150": 150, "trunk_250": 250, "trunk_350": 350}
NAMES = {
    "trunk_150": "trunk",
    "same_place": "same place on an oblique",
    "outer_inner": "outside of the inhibition",
    "inner_middle": "inside of it",
    "other_oblique": "another oblique",
    "basal_oblique": "basal dendrite",
}
COLOURS = ("#8a3f9e", "#1d2733", "#c2571a", "#5b8f3a", "#66717f", "#c8352b")


def tables(rows):
    """Return the fit of each pair of sites: per mV of voltages, per nA of currents."""
    return {"pairs": [_fit(rows, name) for name in dict.fromkeys(r["protocol"] for r in rows)]}


def draw(figure, rows, tables):
    """Draw what is missing from the sum over the product, and k by place."""
    products, places = figure.subplots(1, 2, width_ratios=(3, 2))
    fits = {one["pair"]: one["k"] for one in tables["pairs"]}
    for (name, label), colour in zip(NAMES.items(), COLOURS, strict=True):
        product, missing = _points(rows, name)
        products.plot(product, missing, "o", color=colour, ms=3)
        ends = np.array([product.min(), 0])
        products.plot(ends, fits[name] * ends, color=colour, lw=1, label=label)
    products.set(xlabel="EPSP x IPSP (mV²)", ylabel="both less the sum of both alone (mV)")
    products.legend(fontsize=8)
    x, y = list(LENGTHS_um.values()), [fits[name] for name in LENGTHS_um]
    places.plot(x, y, "o-", color=COLOURS[0], ms=4)
    places.axvline(100, color="#66717f", lw=0.8, ls=(0, (4, 3)))
    places.annotate("inhibition", (100, 0.001), (4, 2), textcoords="offset points", fontsize=8)
    places.set(
        xlabel="excitation on the trunk (um from the soma)", ylabel="k (per mV)", ylim=(0, 0.08)
    )


def _points(rows, name):
    own = [row for row in rows if row["protocol"] == name]
    kinds = ("excitation", "inhibition", "both")
    first, second, both = (np.array([r[f"responses:{kind}"] for r in own]) for kind in kinds)
    return first * second, both - first - second


def _fit(rows, name):
    product, missing = _points(rows, name)
    k = float(product @ missing / (product @ product))
    left = np.sum((missing - k * product) ** 2)
    r2 = float(1 - left / np.sum((missing - missing.mean()) ** 2))
    return {"pair": name, "unit": "1/nA" if name == "clamped" else "1/mV", "k": k, "r2": r2}
