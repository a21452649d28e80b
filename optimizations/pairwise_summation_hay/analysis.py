"""k for each strength of the excitation: one number where the rule holds."""

import numpy as np

KINDS = ("excitation", "inhibition", "both")
SITES = {"trunk": "excitation at 300 um", "far": "excitation at 620 um"}
COLOURS = {"trunk": "#2463a8", "far": "#bf3b2b"}


def tables(rows):
    """Return k over all strengths with R2, and k of each strength of the excitation."""
    pairs = list(dict.fromkeys((row["cell"], row["protocol"]) for row in rows))
    strengths = []
    for cell, pair in pairs:
        own = _of(rows, cell, pair)
        for strength in dict.fromkeys(row[f"{pair}.excitation_uS"] for row in own):
            same = [row for row in own if row[f"{pair}.excitation_uS"] == strength]
            epsp_mV = same[0]["responses:excitation"]
            named = {"cell": cell, "pair": pair, "excitation_uS": strength, "epsp_mV": epsp_mV}
            strengths.append(named | {"k": _fit(same)["k"]})
    fits = [{"cell": c, "pair": p, **_fit(_of(rows, c, p))} for c, p in pairs]
    return {"pairs": fits, "strengths": strengths}


def draw(figure, rows, tables):
    """Draw k by the EPSP, with channels and without."""
    axes = figure.subplots(1, 3, sharey=True)
    titles = {"passive": "leak alone", "no_calcium": "no apical calcium", "active": "all channels"}
    for panel, (cell, title) in zip(axes, titles.items(), strict=True):
        for pair, label in SITES.items():
            own = [o for o in tables["strengths"] if (o["cell"], o["pair"]) == (cell, pair)]
            x, y = [one["epsp_mV"] for one in own], [one["k"] for one in own]
            panel.plot(x, y, "o-", color=COLOURS[pair], ms=4, label=label)
        panel.set(xlabel="EPSP in the soma (mV)", title=title)
    axes[0].set(ylabel="k (per mV)", ylim=(0, None))
    axes[0].legend(fontsize=8)


def _of(rows, cell, pair):
    return [row for row in rows if (row["cell"], row["protocol"]) == (cell, pair)]


def _fit(rows):
    first, second, both = (np.array([r[f"responses:{kind}"] for r in rows]) for kind in KINDS)
    product, missing = first * second, both - first - second
    k = float(product @ missing / (product @ product))
    left = np.sum((missing - k * product) ** 2)
    return {"k": k, "r2": float(1 - left / np.sum((missing - missing.mean()) ** 2))}
