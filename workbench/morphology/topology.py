"""Which parts of a tree hang on which, as a text."""

from workbench.morphology.tree import Morphology


def topology(morphology: Morphology) -> str:
    """Return the neurites of a cell as bracket strings, `tips(larger subtree,smaller subtree)`.

    The string of a binary tree is that of `binary_trees`. Sections one behind the other count as
    one; subtrees of as many tips stand in the order of their sections, stems with spaces between
    them.

    Examples
    --------
    >>> from workbench.morphology import generate_morphology
    >>> topology(generate_morphology("binary-tree tips=4,number=1,length_um=700"))
    '4(3(2(1,1),1),1)'
    """
    said: dict[int, tuple[int, str]] = {}
    sections = morphology.sections
    for index in reversed(range(len(sections))):
        behind = sorted((said[child] for child in morphology.children[index]), key=lambda s: -s[0])
        if len(behind) == 1:
            said[index] = behind[0]
        else:
            tips = sum(count for count, _ in behind) or 1
            inside = f"({','.join(text for _, text in behind)})" if behind else ""
            said[index] = (tips, f"{tips}{inside}")
    stems = [
        index
        for index, section in enumerate(sections)
        if section.region != "somatic"
        and (section.parent < 0 or sections[section.parent].region == "somatic")
    ]
    return " ".join(said[index][1] for index in stems)
