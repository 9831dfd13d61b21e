"""How large a request may be. What is too large is refused before anything is executed."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationType,
    SelectionSetNode,
    get_operation_ast,
    parse,
)

MAX_BODY = 256 * 1024
MAX_TOKENS = 1_500
MAX_COMMENTS = 100
MAX_VALIDATION_ERRORS = 20
MAX_PAGE = 100
MAX_ROOT_FIELDS = {OperationType.QUERY: 10, OperationType.MUTATION: 1}


def parse_bounded(query: str) -> DocumentNode:
    """Return the parsed document; raise GraphQLError if it is wrong or too long."""
    return parse(query, max_tokens=MAX_TOKENS, max_lexical_tokens=MAX_TOKENS, max_comments=MAX_COMMENTS)


def root_field_problem(document: DocumentNode, operation_name: str | None) -> GraphQLError | None:
    """Return an error if the operation has too many fields at its root; the document is valid."""
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return None
    limit = MAX_ROOT_FIELDS.get(operation.operation, 1)
    for count, _ in enumerate(_root_fields(document, operation.selection_set), start=1):
        if count > limit:
            kind = operation.operation.value
            return GraphQLError(f"A {kind} has at most {limit} field(s) at its root.", [operation])
    return None


def _root_fields(document: DocumentNode, selection: SelectionSetNode) -> Iterator[None]:
    # Every selection set of a valid document ends in a field, so whoever counts to a limit and stops
    # does not pay for fragments that multiply.
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    waiting = list(selection.selections)
    while waiting:
        node = waiting.pop()
        if isinstance(node, FragmentSpreadNode):
            waiting.extend(fragments[node.name.value].selection_set.selections)
        elif isinstance(node, InlineFragmentNode):
            waiting.extend(node.selection_set.selections)
        else:
            yield
