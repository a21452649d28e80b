"""From the numbers of `workbench reproduce` to one HTML file: the published ones beside ours."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from workbench.reports.numbers import Entry, by_study, refused
from workbench.reports.page import fill_in
from workbench.runs.folder import write_whole


def render_reproduction(
    entries: Sequence[Entry], path: str | Path, pictures: Mapping[str, str] = MappingProxyType({})
) -> Path:
    """Write the page of some studies' numbers and return its path.

    The same entries give the same file, byte for byte; a page that was there is replaced only
    by a whole one.

    Parameters
    ----------
    entries
        What `workbench reproduce --json` prints, and `entry_of` returns.
    path
        The file.
    pictures
        Figures of experiments, by their names, as data URIs.
    """
    from workbench.reports.reproduction_figure import difference_bars

    studies = by_study(entries)
    content = {
        "studies": [(study, difference_bars(study.numbers)) for study in studies],
        "total": sum(len(study.numbers) for study in studies),
        "held": sum(study.held for study in studies),
        "pictures": pictures,
        "missed": [(s.study, n) for s in studies for n in s.numbers if n.verdict == "missed"],
        "refused": refused(entries),
    }
    return write_whole(Path(path), fill_in("reproduction.html.jinja", content))
