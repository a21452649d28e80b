"""The page on morphologies has a row for each check, with what it finds at worst."""

import re

from tests.system.command import REPOSITORY
from tests.unit.morphology.broken import BROKEN
from workbench.morphology import CHECKS


def test_every_check_has_a_row():
    page = (REPOSITORY / "docs" / "morphologies.md").read_text()
    rows = re.findall(r"^\| `([a-zA-Z ]+)` \|.*\| (error|note|remark) \| ?(.*?) ?\|$", page, re.M)
    assert {name: worst for name, worst, _ in rows} == {
        name: check.worst for name, check in CHECKS.items()
    }
    mended = {name for name, _, mend in rows if mend and mend != "with `--unit`"}
    assert mended == {name for name, check in CHECKS.items() if check.mend is not None}
    assert mended == {one.check for one in BROKEN.values() if one.fixable} - {""}
