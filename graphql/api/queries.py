"""The root of queries. Each field reads in a scope of its own and returns values, never rows to come."""

from __future__ import annotations

import graphene
from graphql import GraphQLResolveInfo

from api import cursors, ids, types
from api.credentials import Caller
from api.errors import BadArgument
from api.limits import MAX_PAGE
from api.places import place_of, reading_scope
from api.projections import process_view, task_view, tenant_view
from api.selection import selected_names
from tenants.models import Tenant
from tenants.scope import tenant_scope
from workflows import queries
from workflows.errors import NotFound
from workflows.models import Task
from workflows.permissions import get_case, reading_posts


class Query(types.ObjectType):
    """What can be read."""

    me = graphene.Field(types.Me, required=True, description="Who the token acts as.")
    tasks = graphene.Field(
        types.TaskConnection,
        required=True,
        first=graphene.Int(required=True, description="How many, 1 to 100."),
        after=graphene.String(description="The cursor to go on behind."),
        description="The open steps in which the caller may act, oldest first.",
    )
    process = graphene.Field(
        types.Process,
        id=graphene.ID(required=True, description="The case's id."),
        description="A case; null if there is none with this id, or none that the caller may see.",
    )

    @staticmethod
    def resolve_me(_root: None, info: GraphQLResolveInfo) -> types.Me:
        caller: Caller = info.context.caller
        here = tenant_view(caller.tenant)
        roles = sorted(post.role for post in caller.actor.posts)
        return types.Me(name=caller.actor.name, posts=[types.Post(tenant=here, role=role) for role in roles])

    @staticmethod
    def resolve_tasks(
        _root: None, info: GraphQLResolveInfo, *, first: int, after: str | None = None
    ) -> types.TaskConnection:
        caller: Caller = info.context.caller
        if not 1 <= first <= MAX_PAGE:
            raise BadArgument(f"“first” must be from 1 to {MAX_PAGE}.")
        cursor = cursors.decode(after) if after is not None else None
        if not reading_posts(caller.actor, caller.tenant):
            return _page([], more=False, after=after)
        with reading_scope(caller.tenant):
            inbox = queries.todo(caller.actor, caller.tenant.pk)
            steps = list(queries.after(inbox, "created", cursor)[: first + 1])
            edges = _edges(steps[:first], caller, with_fields="fields" in selected_names(info))
        return _page(edges, more=len(steps) > first, after=after)

    @staticmethod
    def resolve_process(_root: None, info: GraphQLResolveInfo, *, id: str) -> types.Process | None:
        caller: Caller = info.context.caller
        try:
            address = ids.decode(ids.Kind.PROCESS, id)
            tenant = place_of(caller, address)
            with tenant_scope(tenant):
                case = get_case(caller.actor, tenant, address.row_id)
                return process_view(case, caller, tenant)
        except NotFound:
            return None


def _edges(steps: list[Task], caller: Caller, *, with_fields: bool) -> list[types.TaskEdge]:
    tenants = _tenants(steps, caller)
    return [
        types.TaskEdge(
            cursor=cursors.encode(step.created, step.pk),
            node=task_view(step, caller, tenants[step.tenant_id], with_fields=with_fields),
        )
        for step in steps
    ]


def _tenants(steps: list[Task], caller: Caller) -> dict[int, Tenant]:
    known = {caller.tenant.pk: caller.tenant}
    others = {step.tenant_id for step in steps} - known.keys()
    return {**known, **(Tenant.objects.in_bulk(others) if others else {})}


def _page(edges: list[types.TaskEdge], *, more: bool, after: str | None) -> types.TaskConnection:
    return types.TaskConnection(
        edges=edges,
        nodes=[edge.node for edge in edges],
        page_info=types.PageInfo(
            has_next_page=more,
            has_previous_page=after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
    )
