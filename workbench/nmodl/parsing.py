"""`python -m workbench.nmodl.parsing`: the child that asks NEURON's parser for syntax trees.

Question: {file name: [text with numbered names, text]}. Answer: {file name: {"tree": as the parser
prints it, "numbered": whether its names bear lines}, or {"refused": the parser's words}}.
"""

import json
from typing import Any

from workbench.nmodl.source import unmark
from workbench.questions import answer


def main() -> None:
    """Answer the question on standard input."""
    from neuron.nmodl import NmodlDriver, to_json, to_nmodl

    def tree(numbered: str, text: str) -> dict[str, Any]:
        try:
            as_written = NmodlDriver().parse_string(text)
        except RuntimeError as error:
            return {"refused": str(error)}
        except Exception as error:  # a fault of the parser, which the text has found
            return {"refused": f"NEURON's NMODL parser fails on it ({error})"}
        try:
            parsed = NmodlDriver().parse_string(numbered)
        except Exception:
            parsed = as_written
        # Who trusts the tree must not be shown another one than the translators see.
        same = parsed is not as_written and unmark(to_nmodl(parsed)) == to_nmodl(as_written)
        shown = to_json(parsed if same else as_written, compact=True, expand=True, add_nmodl=True)
        return {"tree": json.loads(shown), "numbered": same}

    answer(lambda sources: {file: tree(*texts) for file, texts in sources.items()})


if __name__ == "__main__":
    main()
