"""A model of each tool, by its name and what writes it into a new folder."""

from functools import partial

from tests.unit.imports.allen_model import write_model
from tests.unit.imports.bluepyemodel_models import write_old, write_pipeline
from tests.unit.imports.bluepyopt_models import write_flat, write_recipes
from tests.unit.imports.netpyne_rules import write_rules
from tests.unit.imports.neuroml_cells import NONUNIFORM, cell, write_cell
from tests.unit.imports.sonata_network import write_network

MODELS = [
    ("allen", partial(write_model, kind="Biophysical - perisomatic")),
    ("bluepyemodel", write_pipeline),
    ("bluepyemodel", write_old),
    ("bluepyopt", write_flat),
    ("bluepyopt", write_recipes),
    ("neuroml", write_cell),
    ("neuroml", partial(write_cell, text=cell(NONUNIFORM))),
    ("netpyne", write_rules),
    ("sonata", write_network),
]

NAMED = {"neuroml": "model/small.cell.nml"}
"""What is named of a model, where that is not its folder, `model`."""
