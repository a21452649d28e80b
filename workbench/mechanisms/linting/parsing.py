"""`python -m workbench.mechanisms.linting.parsing`: the child that asks for syntax trees.

Question: {file name: [text with numbered names, text]}. Answer: {file name: the tree as
NEURON's parser prints it, or {"error": the parser's words}}.
"""

import json
from typing import Any

from workbench.mechanisms.linting.source import unmark
from workbench.questions import answer


def main() -> None:
    """Answer the question on standard input."""
    from neuron.nmodl import NmodlDriver, to_json, to_nmodl

    def tree(numbered: str, text: str) -> Any:
        try:
            parsed = NmodlDriver().parse_string(numbered)
            as_written = NmodlDriver().parse_string(text)
        except RuntimeError as error:
            return {"error": _words(NmodlDriver(), text) or str(error)}
        # Who trusts the tree must not be shown another one than the translators see.
        if unmark(to_nmodl(parsed)) != to_nmodl(as_written):
            return {"error": "the lint cannot number the lines of this file"}
        return json.loads(to_json(parsed, compact=True, expand=True, add_nmodl=True))

    answer(lambda sources: {file: tree(*texts) for file, texts in sources.items()})


def _words(driver: Any, text: str) -> str:
    """Return what the parser says of the text as it was written."""
    try:
        driver.parse_string(text)
    except RuntimeError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    main()
