"""The branch order of sections."""

from workbench.morphology.tree import Morphology


def branch_orders(morphology: Morphology) -> tuple[int, ...]:
    """Return the number of forks on the way to each section from where its tree leaves the soma.

    It is 0 for stems, and for the soma. What grows from the inside of a section makes a fork there.
    """
    orders: list[int] = []
    for section in morphology.sections:
        parent = section.parent
        if parent < 0 or morphology.sections[parent].region == "somatic":
            orders.append(0)
            continue
        places = [morphology.sections[child].parent_x for child in morphology.children[parent]]
        inside = {x for x in places if 0 < x < 1 and x <= section.parent_x}
        at_end = section.parent_x == 1 and places.count(1) > 1
        orders.append(orders[parent] + len(inside) + at_end)
    return tuple(orders)
