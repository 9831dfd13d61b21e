"""Every way into the application, as the URL router and the GraphQL schema list them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLResolver, get_resolver

from api.schema import schema

VERBS = ("GET", "POST")
"""The verbs that have a row each; what no page takes (PUT, DELETE, …) is tested without rows."""


def url_endpoints() -> set[tuple[str, str]]:
    """Return `(route, verb)` for each address; a new page is here as soon as it has an address."""
    return {(f"/{route}", verb) for route in _routes(get_resolver()) for verb in VERBS}


def graphql_endpoints() -> set[tuple[str, str]]:
    """Return `(field, operation)` for each field at the root of the schema."""
    types = {
        "query": schema.graphql_schema.query_type,
        "mutation": schema.graphql_schema.mutation_type,
        "subscription": schema.graphql_schema.subscription_type,
    }
    return {(name, kind) for kind, root in types.items() if root is not None for name in root.fields}


def _routes(resolver: Any, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route)
        else:
            yield route
