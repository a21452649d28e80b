"""From another tool's files to a study."""

from collections.abc import Mapping
from pathlib import Path

from workbench.imports.source import Source, python_named
from workbench.imports.study import Imported, write_study
from workbench.imports.tools import importer
from workbench.morphology import Kind
from workbench.studies import Study


def import_study(
    tool: str,
    path: str | Path,
    *,
    out: str | Path | None = None,
    morphology: str | Path | None = None,
    mechanisms: str | Path | None = None,
    model: str | None = None,
    node: str | None = None,
    kinds: Mapping[str, Kind] | None = None,
    trust_hoc: bool = False,
    trust_python: bool = False,
) -> Study:
    """Write another tool's model as a study, and return the study.

    Its README.md tells what was decided on the way and what could not be said. Morphologies and
    .mod files stay where they are: the study names them, and may read them there.

    Parameters
    ----------
    tool
        `allen`: a biophysical model of the Allen Cell Types Database, perisomatic or all-active.
        `bluepyemodel`: an e-model of a pipeline's folder, with the best sets of its final.json.
        `bluepyopt`: a problem in JSON files as those of BluePyOpt's examples, or an evaluator that
        Python builds.
        `hoc`: a cell that a hoc file builds, which NEURON runs in a child process.
        `neuroml`: a cell of a NeuroML 2 file, with the channels of which the mechanisms are known.
        `netpyne`: a rule for cells in a JSON file of NetPyNE's.
        `sonata`: a biophysical node of a network, named by its configuration.
    path
        The model's folder or file. An evaluator of BluePyOpt's, or a function that returns one, is
        `"FILE.py:NAME"`, or `"package.module:NAME"` from the current folder.
    out
        A new folder for the study; by default one in ./optimizations, by the model's name.
    morphology
        The file of the morphology, where the model does not tell which it is.
    mechanisms
        The folder of the .mod files, where the model does not tell which it is.
    model
        The name of the model, where the files hold several; what a Python function takes.
    node
        The node of a network: `v1:0`, or `0` where one population has it.
    kinds
        Regions by the names of a hoc file's sections without their numbers, or of a NeuroML cell's
        groups, where these do not tell: `{"tuft": "apical"}`.
    trust_hoc
        Let a hoc file run, which is a program.
    trust_python
        Let a Python file run, with your rights.

    Raises
    ------
    InputError
        If the files cannot be found or read, the study would be another model, or `out` exists.
    """
    found = read_model(
        tool,
        path,
        morphology=morphology,
        mechanisms=mechanisms,
        model=model,
        node=node,
        kinds=kinds,
        trust_hoc=trust_hoc,
        trust_python=trust_python,
    )
    return write_study(found, folder_of(found, out))


def read_model(
    tool: str,
    path: str | Path,
    *,
    morphology: str | Path | None = None,
    mechanisms: str | Path | None = None,
    model: str | None = None,
    node: str | None = None,
    kinds: Mapping[str, Kind] | None = None,
    trust_hoc: bool = False,
    trust_python: bool = False,
) -> Imported:
    """Return what `import_study` writes, of the same arguments.

    Raises
    ------
    InputError
        If the files cannot be found or read, or the study would be another model.
    """
    file, function, module = python_named(path)
    source = Source(
        file,
        None if morphology is None else Path(morphology).expanduser(),
        None if mechanisms is None else Path(mechanisms).expanduser(),
        model,
        node,
        dict(kinds or {}),
        trust_hoc,
        function,
        module,
        trust_python,
    )
    return importer(tool, source)(source)


def folder_of(found: Imported, out: str | Path | None) -> Path:
    """Return the study's folder: by default one in ./optimizations, by the model's name."""
    return Path("optimizations") / found.name if out is None else Path(out).expanduser()
