"""Names of sections as other tools number them."""

from workbench.morphology import ARRAYS, REGIONS, Morphology


def stock_names(tree: Morphology) -> list[str]:
    """Return the sections' names where pieces of cut ones are numbered as all others are."""
    numbers = {i: n for region in REGIONS for n, i in enumerate(tree.indices(region))}
    return [f"{ARRAYS[one.region]}[{numbers[i]}]" for i, one in enumerate(tree.sections)]
