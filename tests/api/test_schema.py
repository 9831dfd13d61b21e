"""The schema: its text in the repository, its lists, its enums."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, is_introspection_type, parse, validate
from pytest_django import Settings

from api import enums
from api.errors import ApiError
from api.schema import schema
from tenants.models import Role
from tests.api.caller import OPERATIONS, operation
from workflows.errors import Refused
from workflows.models import Outcome

BOUNDED = {
    "Me.posts": "the roles are few",
    "Task.availableActions": "the enum's values",
    "Task.opinions": "the enum's values",
    "Task.fields": "a form's fields",
    "FormField.choices": "a form's choices",
    "TaskConnection.edges": "first",
    "TaskConnection.nodes": "first",
    "Process.timeline": "200",
    "Process.openTasks": "50",
    "ProcessPayload.errors": "a form's problems",
    "TaskPayload.errors": "a form's problems",
}


def object_types() -> Iterator[GraphQLObjectType]:
    for one in schema.graphql_schema.type_map.values():
        if isinstance(one, GraphQLObjectType) and not is_introspection_type(one):
            yield one


def test_the_text_in_the_repository_is_what_the_code_says() -> None:
    call_command("sdl", check=True)


def test_a_drifted_text_is_refused_with_the_difference_and_written_anew(
    tmp_path: Path, settings: Settings
) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "graphql").mkdir()
    with pytest.raises(CommandError, match="type Query"):
        call_command("sdl", check=True)
    assert not list((tmp_path / "graphql").iterdir())
    call_command("sdl", stdout=StringIO())
    call_command("sdl", check=True)


@pytest.mark.parametrize("name", sorted(file.stem for file in OPERATIONS.iterdir()))
def test_an_example_document_is_valid(name: str) -> None:
    assert validate(schema.graphql_schema, parse(operation(name))) == []


def test_every_list_is_known_to_be_bounded() -> None:
    lists = set()
    for one in object_types():
        for name, field in one.fields.items():
            kind = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
            if isinstance(kind, GraphQLList):
                lists.add(f"{one.name}.{name}")
    assert lists == set(BOUNDED)


def test_every_type_and_field_is_described() -> None:
    nameless = [
        f"{one.name}.{name}"
        for one in object_types()
        for name, field in one.fields.items()
        if not field.description or not one.description
    ]
    assert nameless == []


def test_the_enums_know_every_value_of_the_engine() -> None:
    def refused(cause: type[Refused]) -> Iterator[str]:
        # The API runs workflow actions only; other apps' refusals (an import, a move) cannot reach it.
        if cause is Refused or cause.__module__ == "workflows.errors":
            yield cause.code
        for below in cause.__subclasses__():
            yield from refused(below)

    assert {role.value for role in enums.Role} == set(Role.values)
    assert {outcome.value for outcome in enums.Outcome} == set(Outcome.values)
    assert {code.value for code in enums.ErrorCode} == set(refused(Refused))


def test_the_reference_names_every_root_field_and_every_code() -> None:
    def codes(cause: type[ApiError]) -> Iterator[str]:
        yield cause.code
        for below in cause.__subclasses__():
            yield from codes(below)

    page = (settings.BASE_DIR / "docs" / "reference" / "graphql.md").read_text(encoding="utf-8")
    roots = [*schema.graphql_schema.query_type.fields, *schema.graphql_schema.mutation_type.fields]
    named = [*roots, *codes(ApiError), *(code.value for code in enums.ErrorCode)]
    assert [name for name in named if f"`{name}" not in page] == []
