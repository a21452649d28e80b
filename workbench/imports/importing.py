"""From another tool's files to a study."""

from pathlib import Path

from workbench.imports.source import Source
from workbench.imports.study import write_study
from workbench.imports.tools import importer
from workbench.studies import Study


def import_study(
    tool: str,
    path: str | Path,
    *,
    out: str | Path | None = None,
    morphology: str | Path | None = None,
    mechanisms: str | Path | None = None,
) -> Study:
    """Write another tool's model as a study, and return the study.

    Its README.md tells what was decided on the way and what could not be said. Morphologies and
    .mod files stay where they are: the study names them, and may read them there.

    Parameters
    ----------
    tool
        `allen`: a biophysical model of the Allen Cell Types Database, perisomatic or all-active.
    path
        The model's folder or file.
    out
        A new folder for the study; by default one in ./optimizations, by the model's name.
    morphology
        The file of the morphology, where the model does not tell which it is.
    mechanisms
        The folder of the .mod files, where the model does not tell which it is.

    Raises
    ------
    InputError
        If the files cannot be found or read, the study would be another model, or `out` exists.
    """
    given = (None if one is None else Path(one).expanduser() for one in (morphology, mechanisms))
    found = importer(tool)(Source(Path(path).expanduser(), *given))
    folder = Path("optimizations") / found.name if out is None else Path(out).expanduser()
    return write_study(found, folder)
