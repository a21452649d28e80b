"""Small jobs whose workbench is a line of shell."""

from workbench.clusters import BatchJob


def job(folder, shell=":", **given):
    """Return a job of one process that runs a line of shell in place of the workbench."""
    usual = {
        "name": "fit-cell",
        "folder": folder,
        "start": folder,
        "fit": ("fit", "/studies/cell"),
        "seeds": (1,),
        "ranks": 1,
        "time_s": 3600,
        "command": ("bash", "-c", shell, "workbench"),
        "launcher": (),
        "environment": {},
    }
    return BatchJob(**{**usual, **given})
