"""The scalar types of our own."""

from __future__ import annotations

from typing import Any

import graphene
from graphql import GraphQLError, ValueNode, value_from_ast_untyped


class JSON(graphene.Scalar):  # type: ignore[misc]
    """A JSON object, as it is: not a string that holds JSON."""

    @staticmethod
    def serialize(value: Any) -> Any:
        return value

    @staticmethod
    def parse_value(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise GraphQLError("JSON must be an object.")
        return value

    @staticmethod
    def parse_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        return JSON.parse_value(value_from_ast_untyped(node, variables))
