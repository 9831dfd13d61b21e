"""The root of mutations: parse, call one action in the scope of the case's tenant, return the object.

A refusal is an answer, and undoes what the action had begun; `Operation` undoes everything else that fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphene
from django.utils.translation import gettext as _
from graphql import GraphQLResolveInfo

from api import ids, inputs, types
from api.errors import problems
from api.operation import Operation
from api.places import place_of
from api.projections import process_view, task_view
from tenants.actors import Actor
from workflows import queries
from workflows.actions.claim import claim
from workflows.actions.decide import decide
from workflows.actions.release import release
from workflows.actions.send_back import send_back
from workflows.actions.start import start
from workflows.actions.withdraw import withdraw
from workflows.engine.flow import CaseFlow
from workflows.errors import InvalidInput, NotFound, Refused
from workflows.flows import FLOWS
from workflows.models import Task


def _mutation(payload: type, takes: type, description: str) -> Any:
    return graphene.Field(
        payload,
        required=True,
        input=graphene.Argument(takes, required=True, description="What to do it with."),
        description=description,
    )


class Mutation(types.ObjectType):
    """What can be done. A request holds one mutation; it is done wholly or, with errors, not at all."""

    start_process = _mutation(
        types.ProcessPayload,
        inputs.StartProcessInput,
        "Start a case at the token's tenant. Needs a post there that may start the flow.",
    )
    decide = _mutation(
        types.TaskPayload,
        inputs.DecideInput,
        "Decide a step: submit its form, agree or disagree. Needs the post the step is offered to.",
    )
    claim = _mutation(
        types.TaskPayload,
        inputs.ClaimInput,
        "Claim a step, so that the post's other holders leave it alone. Needs the post it is offered to.",
    )
    release = _mutation(
        types.TaskPayload,
        inputs.ReleaseInput,
        "Give a claimed step back to its post. Only for the person who claimed it.",
    )
    send_back = _mutation(
        types.TaskPayload,
        inputs.SendBackInput,
        "Send a case back to its applicant for correction. Needs the post the step is offered to.",
    )
    withdraw = _mutation(
        types.ProcessPayload,
        inputs.WithdrawInput,
        "Withdraw a case. Only for the person who started it.",
    )

    @staticmethod
    def resolve_start_process(_root: None, info: GraphQLResolveInfo, *, input: Any) -> types.ProcessPayload:
        operation: Operation = info.context
        caller = operation.caller

        def run() -> types.Process:
            flow, data = _flow(input.flow), inputs.form_data(input.data)
            operation.enter(caller.tenant)
            case = start(flow, actor=caller.actor, data=data)
            return process_view(case, caller, caller.tenant)

        return _process_payload(operation, run)

    @staticmethod
    def resolve_decide(_root: None, info: GraphQLResolveInfo, *, input: Any) -> types.TaskPayload:
        def act(case_id: int, step_id: int, actor: Actor) -> Task:
            return decide(
                case_id,
                step_id,
                actor=actor,
                outcome=input.outcome.value if input.outcome else "",
                comment=inputs.plain_text("comment", input.comment),
                data=inputs.form_data(input.data),
            )

        return _on_step(info.context, input.task_id, act)

    @staticmethod
    def resolve_claim(_root: None, info: GraphQLResolveInfo, *, input: Any) -> types.TaskPayload:
        def act(case_id: int, step_id: int, actor: Actor) -> Task:
            return claim(case_id, step_id, actor=actor)

        return _on_step(info.context, input.task_id, act)

    @staticmethod
    def resolve_release(_root: None, info: GraphQLResolveInfo, *, input: Any) -> types.TaskPayload:
        return _on_step(
            info.context, input.task_id, lambda case, step, actor: release(case, step, actor=actor)
        )

    @staticmethod
    def resolve_send_back(_root: None, info: GraphQLResolveInfo, *, input: Any) -> types.TaskPayload:
        def act(case_id: int, step_id: int, actor: Actor) -> Task:
            comment = inputs.plain_text("comment", input.comment)
            return send_back(case_id, step_id, actor=actor, comment=comment)

        return _on_step(info.context, input.task_id, act)

    @staticmethod
    def resolve_withdraw(_root: None, info: GraphQLResolveInfo, *, input: Any) -> types.ProcessPayload:
        operation: Operation = info.context
        caller = operation.caller

        def run() -> types.Process:
            comment = inputs.plain_text("comment", input.comment)
            address = ids.decode(ids.Kind.PROCESS, input.process_id)
            tenant = place_of(caller, address)
            operation.enter(tenant)
            case = withdraw(address.row_id, actor=caller.actor, comment=comment)
            return process_view(case, caller, tenant)

        return _process_payload(operation, run)


def _on_step(operation: Operation, task_id: str, act: Callable[[int, int, Actor], Task]) -> types.TaskPayload:
    """Act in a step, in the scope of its tenant."""
    caller = operation.caller
    try:
        address = ids.decode(ids.Kind.TASK, task_id)
        tenant = place_of(caller, address)
        operation.enter(tenant)
        case_id = queries.case_of_step(address.row_id)
        if case_id is None:
            raise NotFound
        step = act(case_id, address.row_id, caller.actor)
        return types.TaskPayload(task=task_view(step, caller, tenant), errors=[])
    except Refused as refusal:
        operation.undo()
        return types.TaskPayload(errors=problems(refusal))


def _process_payload(operation: Operation, run: Callable[[], types.Process]) -> types.ProcessPayload:
    try:
        return types.ProcessPayload(process=run(), errors=[])
    except Refused as refusal:
        operation.undo()
        return types.ProcessPayload(errors=problems(refusal))


def _flow(code: str) -> type[CaseFlow]:
    if code not in FLOWS:
        raise InvalidInput({"flow": [_("There is no such flow.")]})
    return FLOWS[code]
