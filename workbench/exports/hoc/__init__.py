"""A model as a template in hoc, with `biophys()`, `geom_nseg()` and the field's section lists."""

import shutil
from pathlib import Path

from workbench.exports.hoc.cell import cell_text
from workbench.exports.hoc.protocols import EPSP_FILE, has_epsp, procedure_of, protocols_text
from workbench.exports.model import Model

__all__ = ["hoc_command", "write_hoc"]


def write_hoc(model: Model, out: Path) -> None:
    """Write a model as hoc into a folder."""
    (out / "cell.hoc").write_text(cell_text(model), encoding="utf-8")
    (out / "protocols.hoc").write_text(protocols_text(model, out), encoding="utf-8")
    for name in ("simulation.hoc", *([EPSP_FILE] if has_epsp(model) else [])):
        shutil.copyfile(Path(__file__).with_name(name), out / name)


def hoc_command(protocol: str, folder: Path) -> list[str]:
    """Return how a protocol is run in the folder, with what nrnivmodl made there if it has."""
    special = next(folder.glob("*/special"), None)
    program = "nrniv" if special is None else str(special)
    return [program, "-nogui", "protocols.hoc", "-c", f"{procedure_of(protocol)}()", "-c", "quit()"]
