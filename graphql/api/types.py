"""The object types. They hold plain values: whoever makes one has read everything it shows."""

from __future__ import annotations

from typing import Any

import graphene

from api import enums
from api.scalars import JSON


def text(description: str) -> Any:
    return graphene.String(required=True, description=description)


def optional_text(description: str) -> Any:
    return graphene.String(description=description)


def items(of: Any, description: str) -> Any:
    return graphene.List(graphene.NonNull(of), required=True, description=description)


class ObjectType(graphene.ObjectType):  # type: ignore[misc]
    class Meta:
        abstract = True


class Tenant(ObjectType):
    """A community, a street, or what is above it."""

    slug = text("Its name in addresses.")
    name = text("Its name.")


class Post(ObjectType):
    """A role in a tenant."""

    tenant = graphene.Field(Tenant, required=True, description="Where the post is held.")
    role = graphene.Field(enums.Role, required=True, description="What the post is.")


class Me(ObjectType):
    """The person in whose name the token acts."""

    name = text("The person's full name.")
    posts = items(Post, "The posts that the token carries: today's posts at its tenant.")


class Choice(ObjectType):
    """One of the values that a field can take."""

    value = text("What to send.")
    label = text("What people read.")


class FormField(ObjectType):
    """A field of a step's form; `decide` takes it in `data` by its name."""

    name = text("The field's key in `data`.")
    label = text("What people read.")
    type = graphene.Field(enums.FieldType, required=True, description="What it takes.")
    required = graphene.Boolean(required=True, description="Whether it must be given.")
    choices = items(Choice, "The values it can take, if it is a CHOICE; else empty.")


class ProcessSummary(ObjectType):
    """A case in short."""

    id = graphene.ID(required=True, description="The case's id, for `process` and `withdraw`.")
    number = text("The case number.")
    title = text("What the case is about.")
    applicant_name = text("Who started the case.")
    status = graphene.Field(enums.ProcessStatus, required=True, description="Whether the case goes on.")
    outcome = graphene.Field(enums.Outcome, description="How the case ended; null before.")


class Task(ObjectType):
    """A step of a case that a person decides."""

    id = graphene.ID(required=True, description="The step's id, for the mutations.")
    step = text("The step's name in its flow.")
    title = text("What people read.")
    state = graphene.Field(enums.StepState, required=True, description="How far the step is.")
    process = graphene.Field(ProcessSummary, required=True, description="The case.")
    tenant = graphene.Field(Tenant, required=True, description="The tenant whose case it is.")
    created_at = graphene.DateTime(required=True, description="When the step was opened.")
    claimed_by = optional_text("Who has claimed or decided the step; null if nobody has.")
    available_actions = items(enums.Action, "What the caller may do with the step now.")
    opinions = items(enums.Opinion, "What `decide` takes as `outcome`; empty where the form decides.")
    fields = items(FormField, "What `decide` takes as `data`.")


class PageInfo(ObjectType):
    """Where a page lies in its list."""

    has_next_page = graphene.Boolean(required=True, description="Whether more follows.")
    has_previous_page = graphene.Boolean(required=True, description="Whether `after` was given.")
    start_cursor = optional_text("The cursor of the first edge; null if there is none.")
    end_cursor = optional_text("What to give as `after` for the next page; null if there is none.")


class TaskEdge(ObjectType):
    """A step in a page."""

    cursor = text("What to give as `after` to go on behind this step.")
    node = graphene.Field(Task, required=True, description="The step.")


class TaskConnection(ObjectType):
    """A page of steps."""

    edges = items(TaskEdge, "The steps with their cursors; at most `first`.")
    nodes = items(Task, "The steps; at most `first`.")
    page_info = graphene.Field(PageInfo, required=True, description="Where the page lies.")


class TimelineEntry(ObjectType):
    """A decision, a notice, or a step that is still open."""

    title = text("The step's title.")
    state = graphene.Field(enums.StepState, required=True, description="How far the step is.")
    at = graphene.DateTime(required=True, description="When it was decided, ended or opened.")
    actor_name = optional_text("Who decided it or has claimed it.")
    role = graphene.Field(enums.Role, description="The post by which they acted.")
    outcome = graphene.Field(enums.Outcome, description="How it was decided.")
    comment = optional_text("What they said.")
    data = graphene.Field(JSON, required=True, description="What was entered, or a notice's dates.")


class Process(ObjectType):
    """A case."""

    id = graphene.ID(required=True, description="The case's id.")
    number = text("The case number.")
    title = text("What the case is about.")
    flow = text("The code of the flow it follows.")
    status = graphene.Field(enums.ProcessStatus, required=True, description="Whether the case goes on.")
    outcome = graphene.Field(enums.Outcome, description="How the case ended; null before.")
    applicant_name = text("Who started the case.")
    tenant = graphene.Field(Tenant, required=True, description="The tenant whose case it is.")
    created_at = graphene.DateTime(required=True, description="When the case was started.")
    timeline = items(TimelineEntry, "What happened, in order; of a very long history the latest 200 entries.")
    open_tasks = items(Task, "The steps that wait for a person; at most 50.")


class UserError(ObjectType):
    """Why a mutation was refused."""

    field = optional_text("The input field it is about; null if it is about no single one.")
    message = text("What to tell a person, in the language asked for.")
    code = graphene.Field(enums.ErrorCode, required=True, description="What to tell a machine.")


def _errors() -> Any:
    return items(UserError, "Why it was refused; empty if it was done.")


class ProcessPayload(ObjectType):
    """What became of a case."""

    process = graphene.Field(Process, description="The case as it is now; null if refused.")
    errors = _errors()


class TaskPayload(ObjectType):
    """What became of a step."""

    task = graphene.Field(Task, description="The step as it is now; null if refused.")
    errors = _errors()
