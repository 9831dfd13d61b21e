"""What a query asks for, so that nothing else is computed."""

from __future__ import annotations

from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo, InlineFragmentNode, SelectionNode


def selected_names(info: GraphQLResolveInfo) -> frozenset[str]:
    """Return the names of all fields selected anywhere below the field that is being resolved.

    Each fragment is looked at once, so the time is linear in the document. A name may be there that a
    directive then skips; none is missing.
    """
    names: set[str] = set()
    fragments: set[str] = set()
    waiting: list[SelectionNode] = [*info.field_nodes]
    while waiting:
        node = waiting.pop()
        if isinstance(node, FragmentSpreadNode):
            if node.name.value not in fragments:
                fragments.add(node.name.value)
                waiting.extend(info.fragments[node.name.value].selection_set.selections)
            continue
        if isinstance(node, FieldNode):
            names.add(node.name.value)
        if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
            waiting.extend(node.selection_set.selections)
    return frozenset(names)
