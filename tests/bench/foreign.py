"""Cells that nobody here wrote, from the source distributions of bmtk and BluePyOpt.

Nothing of theirs is kept with the project. `WORKBENCH_SDISTS` names a folder that holds the two
archives; otherwise pip fetches them into the cache.
"""

import csv
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from workbench import resources
from workbench.cells import CellRecipe, Paint
from workbench.mechanisms import read_mechanisms
from workbench.morphology import load_morphology, replace_axon

SDISTS = {"bmtk": "bmtk==1.1.0", "bluepyopt": "bluepyopt==1.14.26"}
_BIONET = "bmtk/utils/scripts/bionet"
_THALAMIC = "examples/thalamocortical-cell"
_REGIONS = {"soma": "somatic", "axon": "axonal", "dend": "basal", "apic": "apical"}
# The order of results/*_params.csv is that of config/params/TC.json, where a value has bounds.
_THALAMIC_REGIONS = {
    "all": ("all",),
    "somatic": ("somatic",),
    "axonal": ("axonal",),
    "alldend": ("basal",),
    "somadend": ("somatic", "basal"),
}


def allen(fit: str, morphology: str) -> CellRecipe:
    """Return a cell of the Allen Institute (Gouwens et al. 2018, Nat Commun 9:710).

    Its axon is BluePyOpt's stub; Allen's own is 60 um of 1 um.
    """
    folder = sdist("bmtk") / _BIONET
    told = json.loads((folder / f"biophysical_neuron_models/{fit}_fit.json").read_text())
    tree = replace_axon(load_morphology(folder / f"morphologies/{morphology}.swc"))
    [passive], [conditions] = told["passive"], told["conditions"]
    regions = {section.region for section in tree.sections}
    genome = [one for one in told["genome"] if _REGIONS[one["section"]] in regions]
    channels = {(_REGIONS[g["section"]], g["mechanism"]) for g in genome if g["mechanism"]}
    paint = [Paint("Ra", "all", passive["ra"]), Paint("e_pas", "all", passive["e_pas"])]
    for one in passive["cm"]:
        if _REGIONS[one["section"]] in regions:
            paint.append(Paint("cm", _REGIONS[one["section"]], one["cm"]))
    for one in conditions["erev"]:
        paint += [Paint(n, _REGIONS[one["section"]], one[n]) for n in ("ena", "ek")]
    paint += [Paint(g["name"], _REGIONS[g["section"]], float(g["value"])) for g in genome]
    return CellRecipe(
        f"Allen {fit}",
        tree,
        mechanisms=(read_mechanisms(_without(folder / "mechanisms/modfiles", "vecevent.mod")),),
        inserted=(("all", "pas"), *sorted(channels)),
        paint=tuple(paint),
        celsius_degC=conditions["celsius"],
        v_init_mV=conditions["v_init"],
    )


def thalamic(kind: str) -> CellRecipe:
    """Return a thalamocortical cell of BluePyOpt's example, the first of its published results.

    (Iavarone et al. 2019, PLoS Comput Biol 15:e1006753.)
    """
    folder = sdist("bluepyopt") / _THALAMIC
    recipe = json.loads((folder / "config/recipes.json").read_text())[kind]
    told = json.loads((folder / recipe["params"]).read_text())
    with (folder / f"results/{kind}_params.csv").open() as file:
        found = iter([float(value) for value in next(csv.reader(file))])
    common = {one["name"]: one["val"] for one in told["parameters"].pop("global")}
    paint = []
    for place, parameters in told["parameters"].items():
        for one in parameters if isinstance(parameters, list) else ():
            value = next(found) if isinstance(one["val"], list) else one["val"]
            paint += [Paint(one["name"], region, value) for region in _THALAMIC_REGIONS[place]]
    inserted = [
        (region, suffix)
        for place, mechanisms in told["mechanisms"].items()
        for suffix in mechanisms["mech"]
        for region in _THALAMIC_REGIONS[place]
    ]
    tree = load_morphology(folder / recipe["morph_path"] / recipe["morphology"])
    return CellRecipe(
        f"thalamocortical {kind}",
        replace_axon(tree),
        mechanisms=(read_mechanisms(folder / "mechanisms"),),
        inserted=tuple(inserted),
        paint=tuple(paint),
        celsius_degC=common["celsius"],
        v_init_mV=common["v_init"],
    )


@cache
def sdist(package: str) -> Path:
    """Return the unpacked source distribution of a package, fetching it if need be."""
    name, _, version = SDISTS[package].partition("==")
    cache_folder = resources.cache_folder() / "sdists"
    unpacked = cache_folder / f"{name}-{version}"
    if not unpacked.is_dir():
        given = os.environ.get("WORKBENCH_SDISTS")
        archives = Path(given) if given else cache_folder
        if not list(_archives(archives, name, version)):
            archives.mkdir(parents=True, exist_ok=True)
            fetch = ["pip", "download", "--quiet", "--no-deps", "--no-binary", name]
            subprocess.run(
                [sys.executable, "-m", *fetch, "-d", str(archives), SDISTS[package]], check=True
            )
        with tarfile.open(next(_archives(archives, name, version))) as archive:
            archive.extractall(cache_folder)
    return unpacked


def _archives(folder: Path, name: str, version: str) -> Iterator[Path]:
    return folder.glob(f"{name}-{version}.tar.gz")


def _without(folder: Path, *names: str) -> Path:
    """Return a folder with the .mod files of another but these, point processes in C++."""
    kept = folder.with_name(f"{folder.name}-kept")
    kept.mkdir(exist_ok=True)
    for file in folder.glob("*.mod"):
        if file.name not in names:
            (kept / file.name).write_bytes(file.read_bytes())
    return kept
