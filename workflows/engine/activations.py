"""How the steps of our nodes come to life, on viewflow's activations.

Three of viewflow's habits are left out. Its guard would store local variables, personal data among
them, in the step: errors propagate here and roll the transaction back. Its savepoints cost two round
trips each: a step is one transaction. Its timers swallow what fails behind them: ours fire again.
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.utils import timezone
from viewflow.workflow.activation import Activation
from viewflow.workflow.nodes import mixins
from viewflow.workflow.status import PROCESS, STATUS

from tenants.actors import Actor
from workflows.models import Task, TaskLink


class StepActivation(Activation):
    """The base: create the step's row and its link to the step before."""

    def exception_guard(self) -> Any:
        return nullcontext()

    @classmethod
    def create(
        cls, flow_task: Any, prev_activation: Any, token: Any, data: Any = None, seed: Any = None
    ) -> Any:
        step = Task(process=prev_activation.process, flow_task=flow_task, token=token, data=data or {})
        flow_task.prepare(step, prev_activation.process)
        step.save()
        TaskLink.objects.create(from_task=step, to_task=prev_activation.task)
        return cls(step)

    def close(self) -> None:
        """Cancel the step because the case was returned or withdrawn."""
        self.task.status = STATUS.CANCELED
        self.task.finished = timezone.now()
        self.task.save()


class StartActivation(mixins.NextNodeActivationMixin, StepActivation):
    """The step that opens a case: it is done as soon as the case exists."""

    @Activation.status.super()
    def activate(self) -> None:
        """A start has nothing to wait for."""


class HumanActivation(mixins.NextNodeActivationMixin, StepActivation):
    """A step in which a person acts: offered, claimed by one, decided once."""

    @Activation.status.super()
    def activate(self) -> None:
        """Wait for a person."""

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.ASSIGNED)
    def claim(self, actor: Actor) -> None:
        self._own(actor)
        self.task.assigned = timezone.now()
        self.task.save()

    @Activation.status.transition(source=STATUS.ASSIGNED, target=STATUS.NEW)
    def release(self) -> None:
        self.task.owner_id, self.task.owner_name, self.task.assigned = None, "", None
        self.task.save()

    @Activation.status.transition(source=[STATUS.NEW, STATUS.ASSIGNED], target=STATUS.DONE)
    def decide(self, actor: Actor) -> None:
        self._own(actor)
        self.task.finished = timezone.now()
        self.task.save()

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE)
    def complete(self) -> None:
        """Never reached by the engine: `decide` ends a human step."""

    def _own(self, actor: Actor) -> None:
        self.task.owner_id, self.task.owner_name = actor.user_id, actor.name
        self.task.started = self.task.started or timezone.now()


class TimedActivation(mixins.NextNodeActivationMixin, StepActivation):
    """A step that a timer ends."""

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.SCHEDULED)
    def activate(self) -> None:
        self.task.started = timezone.now()
        self.task.scheduled = self._due()
        self.task.save()

    @Activation.status.transition(source=STATUS.SCHEDULED, target=STATUS.DONE)
    def fire(self) -> None:
        self.task.finished = timezone.now()
        self.task.save()

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE)
    def complete(self) -> None:
        """Never reached by the engine: `fire` ends a timed step."""

    def _due(self) -> datetime:
        due: datetime = self.flow_task.schedule(self.task, self.process)
        return due


class GatewayActivation(StepActivation):
    """An exclusive gateway: it asks its question and leads on to one of two steps."""

    _answer = False

    @Activation.status.super()
    def activate(self) -> None:
        self.task.started = timezone.now()
        self._answer = bool(self.flow_task._condition(self))

    @Activation.status.super()
    def create_next(self) -> Any:
        chosen = self.flow_task._on_true if self._answer else self.flow_task._on_false
        yield chosen._create(self, self.task.token)


class AutomaticActivation(mixins.NextNodeActivationMixin, StepActivation):
    """A step that the system does at once."""

    @Activation.status.super()
    def activate(self) -> None:
        self.task.started = timezone.now()
        self.flow_task._func(self)


class EndActivation(StepActivation):
    """The end of a branch; with the last open step the case is closed."""

    @Activation.status.super()
    def activate(self) -> None:
        self.task.started = timezone.now()
        others = Task.objects.filter(process=self.process, finished__isnull=True).exclude(pk=self.task.pk)
        if not others.exists():
            self.process.status = PROCESS.DONE
            self.process.outcome = self.flow_task.outcome
            self.process.finished = timezone.now()
            self.process.save()

    @Activation.status.super()
    def create_next(self) -> Any:
        return []
