"""The verbs, theme by theme. Each imports what it needs when it is called: --help is quick."""

import typer

from workbench.cli.verbs.exchange import exchange
from workbench.cli.verbs.fits import fits
from workbench.cli.verbs.machine import machine
from workbench.cli.verbs.mechanisms import mechanisms
from workbench.cli.verbs.morphology import morphology
from workbench.cli.verbs.recordings import recordings
from workbench.cli.verbs.simulations import simulations

app = typer.Typer(
    name="workbench",
    help="Morphologies, ion channels and evolutionary fitting of neuron models on NEURON.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for theme in (simulations, recordings, fits, exchange, machine):
    app.add_typer(theme)
app.add_typer(mechanisms, name="mechanisms")
app.add_typer(morphology, name="morphology")
