"""The vocabulary of our flows, each word a node of viewflow's with our activation behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from viewflow import this
from viewflow.workflow import nodes

from workflows.engine import activations
from workflows.engine.inputs import Nothing, StepInput
from workflows.engine.offers import Offer, PostOffer
from workflows.models import Outcome, Process, Task
from workflows.rules.working_days import NATIONAL, last_day


class _Titled:
    """A node with the title that people read, and no step to prepare."""

    task_title: Any

    def _name(self, title: Any) -> None:
        self.task_title = title

    def prepare(self, step: Task, case: Process) -> None:
        """Complete the row of a new step before it is saved."""


class Start(_Titled, nodes.Start):
    """Open a case with a form; `roles` says who may."""

    activation_class = activations.StartActivation

    def __init__(self, form: type[StepInput], *, roles: tuple[str, ...], title: Any) -> None:
        super().__init__(None)
        self.form = form
        self.roles = roles
        self._name(title)


class _Human(_Titled, nodes.View):
    activation_class = activations.HumanActivation
    outcomes: tuple[Outcome, ...] = (Outcome.SUBMITTED,)
    recuses_applicant = False
    """Whether the person who started the case is kept out of this step (回避)."""

    def __init__(
        self, form: type[StepInput] = Nothing, *, offer: Offer, title: Any, may_send_back: bool = False
    ) -> None:
        super().__init__(None)
        self.form = form
        self.offer = offer
        self.may_send_back = may_send_back
        self._name(title)

    @property
    def posts(self) -> tuple[PostOffer, ...]:
        return (self.offer,) if isinstance(self.offer, PostOffer) else ()

    def prepare(self, step: Task, case: Process) -> None:
        self.offer.offer(step, case)


class Form(_Human):
    """经办: a person fills in a form and submits it."""


class Approval(_Human):
    """审批: any one holder of a post agrees or disagrees."""

    outcomes = (Outcome.AGREED, Outcome.DISAGREED)
    recuses_applicant = True


class Meeting(_Human):
    """集体决定: the record of a meeting, whose vote decides."""

    recuses_applicant = True


class Notice(_Titled, nodes.Timer):
    """公示: a public notice for a number of working days, which a parameter of the case names."""

    activation_class = activations.TimedActivation

    def __init__(self, *, days: str, title: Any) -> None:
        super().__init__(None)
        self.days = days
        self._name(title)

    def schedule(self, step: Task, case: Process) -> datetime:
        """Set the notice's first and last day; it ends with its last day in the tenant's time zone."""
        starts_on = timezone.localdate()
        ends_on = last_day(starts_on, case.parameters[self.days], NATIONAL)
        step.data = {**step.data, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
        return timezone.make_aware(datetime.combine(ends_on + timedelta(days=1), time.min))


class If(_Titled, nodes.If):
    """An exclusive gateway: `.Then(...)` or `.Else(...)`."""

    activation_class = activations.GatewayActivation

    def __init__(self, condition: Any, *, title: Any) -> None:
        super().__init__(condition)
        self._name(title)


class Automatic(_Titled, nodes.Function):
    """A step that the system does, in the transaction of the decision before it."""

    activation_class = activations.AutomaticActivation

    def __init__(self, function: Callable[..., None] | Any, *, title: Any) -> None:
        super().__init__(function)
        self._name(title)


class End(_Titled, nodes.End):
    """The end of a case, and how it ended."""

    activation_class = activations.EndActivation

    def __init__(self, outcome: Outcome, *, title: Any) -> None:
        super().__init__()
        self.outcome = outcome
        self._name(title)


__all__ = ["Approval", "Automatic", "End", "Form", "If", "Meeting", "Notice", "Start", "this"]
