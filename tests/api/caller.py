"""A program that calls the API, as tests write it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tenants.models import Tenant, User
from tenants.owner import as_owner
from tenants.tokens import create_token

OPERATIONS = Path(__file__).parents[2] / "graphql" / "operations"


def operation(name: str) -> str:
    """Return the text of an example document."""
    return (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Program:
    """A program with a token."""

    token: str

    def post(self, body: Any, **headers: str) -> HttpResponse:
        """Send a body as JSON and return the response."""
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        response: HttpResponse = client.post(  # type: ignore[assignment]
            "/graphql",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )
        return response

    def send(self, query: str, /, **variables: Any) -> HttpResponse:
        return self.post({"query": query, "variables": variables})

    def ask(self, query: str, /, **variables: Any) -> dict[str, Any]:
        """Return the data of an operation that has no errors."""
        response = self.send(query, **variables)
        answer = json.loads(response.content)
        assert response.status_code == 200, answer
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def do(self, name: str, /, **given: Any) -> dict[str, Any]:
        """Run a mutation's example document and return its payload."""
        data = self.ask(operation(name), input=given)
        payload: dict[str, Any] = next(iter(data.values()))
        return payload

    def done(self, name: str, /, **given: Any) -> dict[str, Any]:
        """Run a mutation that is not refused and return its object."""
        payload = self.do(name, **given)
        assert payload["errors"] == [], payload
        thing: dict[str, Any] = next(value for key, value in payload.items() if key != "errors")
        return thing

    def inbox(self, first: int = 10) -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = self.ask(operation("inbox"), first=first)["tasks"]["nodes"]
        return nodes


def error_codes(response: HttpResponse) -> list[str]:
    return [error["extensions"]["code"] for error in json.loads(response.content)["errors"]]


def program(user: User, tenant: Tenant, *, days: int = 1) -> Program:
    """Give a program a token that acts as `user` in `tenant`."""
    with as_owner():
        return Program(create_token(user, tenant, name="test", days=days))
