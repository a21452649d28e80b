"""A reader of SONATA's files that knows nothing of the workbench and nothing of BMTK.

`python plain_sonata.py PROTOCOL` in an exported folder does what SONATA's guide says of a node with
a hoc template, of its current clamps and conditions, and writes what recordings.json names.
"""

import csv
import json
import sys
from pathlib import Path

import h5py
from neuron import h

HERE = Path()
h.load_file("stdrun.hoc")
[protocol] = sys.argv[1:]
simulation = json.loads((HERE / f"simulation_{protocol}.json").read_text())
circuit = json.loads((HERE / simulation["network"].removeprefix("$BASE_DIR/")).read_text())
[nodes] = circuit["networks"]["nodes"]
with h5py.File(nodes["nodes_file"].removeprefix("$BASE_DIR/")) as file:
    [population] = file["nodes"].values()
    [kind] = population["node_type_id"][()].tolist()
with open(nodes["node_types_file"].removeprefix("$BASE_DIR/"), newline="") as stream:
    types = {int(row["node_type_id"]): row for row in csv.DictReader(stream, delimiter=" ")}
assert types[kind]["model_type"] == "biophysical"
name = types[kind]["model_template"].removeprefix("hoc:")
folder = circuit["components"]["templates_dir"].replace("$COMPONENTS", "components")
h.load_file(f"{folder}/{name}.hoc")
cell = getattr(h, name)()

clamps = []
for given in simulation["inputs"].values():
    assert (given["input_type"], given["module"]) == ("current_clamp", "IClamp")
    section = getattr(cell, given["section_name"])[given["section_index"]]
    clamps.append(h.IClamp(section(given["section_dist"])))
    clamps[-1].amp, clamps[-1].delay, clamps[-1].dur = (
        given["amp"],
        given["delay"],
        given["duration"],
    )

vectors = {"t_ms": h.Vector().record(h._ref_t)}
for label, where in json.loads((HERE / "recordings.json").read_text())[protocol].items():
    array, index, x, variable = where
    segment = getattr(cell, array)[index](x)
    vectors[label] = h.Vector().record(getattr(segment, f"_ref_{variable}"))

h.celsius, h.dt = simulation["conditions"]["celsius"], simulation["run"]["dt"]
h.finitialize(simulation["conditions"]["v_init"])
for _ in range(round(simulation["run"]["tstop"] / h.dt)):
    h.fadvance()
(HERE / "traces").mkdir(exist_ok=True)
with open(HERE / "traces" / f"{protocol}.csv", "w", newline="") as stream:
    writer = csv.writer(stream)
    writer.writerow(vectors)
    writer.writerows(zip(*(map(repr, list(one)) for one in vectors.values()), strict=True))
