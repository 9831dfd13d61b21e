"""`POST /graphql`, for machines: a bearer token and JSON, nothing else.

There is no session here, so a browser's cookie is worth nothing and CSRF protection is not needed; what
stands in the address is ignored.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView
from graphql import ExecutionResult, GraphQLError, execute, specified_rules, validate

from api import limits
from api.credentials import Caller, authenticate
from api.errors import ApiError, MethodNotAllowed, NotJson, TooLarge, formatted
from api.operation import Operation
from tenants.request_id import current_request_id


@method_decorator(csrf_exempt, name="dispatch")
class ApiView(GraphQLView):  # type: ignore[misc]
    """One operation a request. graphene-django turns a result into a response; the rest is stricter here."""

    request_id: str
    caller: Caller

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.request_id = current_request_id()
        try:
            response = self._answer(request)
        except Exception as error:
            status = error.status if isinstance(error, ApiError) else 500
            content = self.json_encode(request, {"errors": [self.format_error(error)]})
            response = HttpResponse(content, status=status, content_type="application/json")
        if response.status_code == 401:
            response["WWW-Authenticate"] = "Bearer"
        if response.status_code == 405:
            response["Allow"] = "POST"
        response["Cache-Control"] = "no-store"
        response["X-Correlation-ID"] = self.request_id
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            raise MethodNotAllowed
        self.caller = authenticate(request, request_id=self.request_id)
        content, status = self.get_response(request, self.parse_body(request))
        return HttpResponse(content, status=status, content_type="application/json")

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        if request.content_type != "application/json":
            raise NotJson
        if int(request.META.get("CONTENT_LENGTH") or 0) > limits.MAX_BODY:
            raise TooLarge(limits.MAX_BODY)
        try:
            body = json.loads(request.body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ApiError("The body is not valid JSON.") from error
        if not isinstance(body, dict):
            raise ApiError("The body must be one JSON object; batches are not served.")
        return body

    @staticmethod
    def get_graphql_params(
        request: HttpRequest, data: dict[str, Any]
    ) -> tuple[str, dict[str, Any] | None, str | None, None]:
        query, variables, name = data.get("query"), data.get("variables"), data.get("operationName")
        if not isinstance(query, str) or not query.strip():
            raise ApiError("“query” must be a text.")
        if variables is not None and not isinstance(variables, dict):
            raise ApiError("“variables” must be an object.")
        if name is not None and not isinstance(name, str):
            raise ApiError("“operationName” must be a text.")
        return query, variables, name, None

    def execute_graphql_request(
        self,
        request: HttpRequest,
        data: dict[str, Any],
        query: str,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        show_graphiql: bool = False,
    ) -> ExecutionResult:
        """Parse and validate within limits, then execute; an error anywhere undoes a mutation."""
        schema = self.schema.graphql_schema
        hide_suggestions = not settings.DEMO
        try:
            document = limits.parse_bounded(query)
        except GraphQLError as error:
            return ExecutionResult(None, [error])
        errors = validate(
            schema,
            document,
            specified_rules,
            max_errors=limits.MAX_VALIDATION_ERRORS,
            hide_suggestions=hide_suggestions,
        )
        if not errors and (problem := limits.root_field_problem(document, operation_name)):
            errors = [problem]
        if errors:
            return ExecutionResult(None, errors)
        with Operation(self.caller) as operation:
            result = execute(
                schema,
                document,
                context_value=operation,
                variable_values=variables,
                operation_name=operation_name,
                max_coercion_errors=limits.MAX_VALIDATION_ERRORS,
                hide_suggestions=hide_suggestions,
            )
            assert isinstance(result, ExecutionResult)
            if result.errors:
                operation.undo()
        return result

    def format_error(self, error: Exception) -> dict[str, Any]:
        return formatted(error, self.request_id)

    def json_encode(self, request: HttpRequest, d: dict[str, Any], pretty: bool = False) -> str:
        return json.dumps(d, ensure_ascii=False, separators=(",", ":"))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")
