"""The schema, and its text."""

from __future__ import annotations

import graphene
from graphql import lexicographic_sort_schema, print_schema

from api.mutations import Mutation
from api.queries import Query

schema = graphene.Schema(query=Query, mutation=Mutation)


def sdl() -> str:
    """Return the schema as text, in an order that does not depend on the code's."""
    return print_schema(lexicographic_sort_schema(schema.graphql_schema)) + "\n"
