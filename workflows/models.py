"""The engine's rows: cases (事项), their steps (办理环节), the decisions taken in them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from viewflow.workflow.managers import ProcessQuerySet, TaskQuerySet
from viewflow.workflow.models import AbstractProcess, AbstractTask
from viewflow.workflow.status import PROCESS, STATUS

from tenants.models import Tenant, User
from tenants.rows import TenantForeignKey, TenantManager, TenantModel, TenantQuerySet
from workflows.errors import NotFound


class CaseQuerySet(TenantQuerySet["Process"], ProcessQuerySet):
    def locked(self, pk: int) -> Process:
        """Return the case, locked until the transaction ends; wait for it, raise NotFound without it."""
        case: Process | None = self.select_for_update(of=("self",)).filter(pk=pk).first()
        if case is None:
            raise NotFound
        return case


class CaseManager(TenantManager.from_queryset(CaseQuerySet)):  # type: ignore[misc]
    pass


class Outcome(models.TextChoices):
    """How a case ended, or how one step was decided."""

    SUBMITTED = "submitted", _("Submitted")
    AGREED = "agreed", _("Agreed")
    DISAGREED = "disagreed", _("Disagreed")
    RETURNED = "returned", _("Returned to the applicant")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Not approved")


class Process(AbstractProcess, TenantModel):
    """One case. Its data and the parameters it was accepted under stay with it."""

    status = models.CharField(_("Status"), max_length=50, choices=PROCESS.choices, default=PROCESS.NEW)
    number = models.CharField(_("Case number"), max_length=40)
    title = models.CharField(_("Title"), max_length=200)
    applicant = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    applicant_name = models.CharField(_("Applicant"), max_length=100)
    subject_id = models.BigIntegerField(null=True)
    outcome = models.CharField(_("Result"), max_length=20, choices=Outcome.choices, blank=True)
    data = models.JSONField(default=dict, blank=True)
    parameters = models.JSONField(default=dict)
    parent_task = None

    objects: ClassVar[Any] = CaseManager()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="case_number"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "applicant", "-created"], name="case_applicant"),
            models.Index(fields=["tenant_id", "flow_class", "subject_id"], name="case_subject"),
            models.Index(fields=["street_id", "status", "-created"], name="case_street"),
        ]

    @property
    def is_open(self) -> bool:
        return bool(self.status == PROCESS.NEW)


class StepQuerySet(TenantQuerySet["Task"], TaskQuerySet):
    pass


class StepManager(TenantManager.from_queryset(StepQuerySet)):  # type: ignore[misc]
    pass


class Task(AbstractTask, TenantModel):
    """One step of a case, offered to a post or to one person; `scheduled` is when its timer is due."""

    process = TenantForeignKey(Process, models.PROTECT, related_name="task_set")
    status = models.CharField(_("Status"), max_length=50, choices=STATUS.choices, default=STATUS.NEW)
    created = models.DateTimeField(_("Created"), auto_now_add=True)
    scheduled = models.DateTimeField(_("Due to fire"), null=True)
    previous = models.ManyToManyField(
        "self",
        symmetrical=False,
        through="TaskLink",
        through_fields=("from_task", "to_task"),
        related_name="leading",
    )
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    owner_name = models.CharField(max_length=100, blank=True)
    post_tenant = models.ForeignKey(Tenant, models.PROTECT, null=True, related_name="+", db_index=False)
    post_role = models.CharField(max_length=40, blank=True)
    offered_to = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    data = models.JSONField(default=dict, blank=True)
    external_task_id = None
    owner_permission = None
    owner_permission_content_type = None
    owner_permission_obj_pk = None

    objects: ClassVar[Any] = StepManager()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(
                fields=["tenant_id", "post_tenant", "post_role", "created"],
                name="step_open_by_post",
                condition=models.Q(status__in=["NEW", "ASSIGNED"]),
            ),
            # What waits for a post or for a person in many tenants: a street's or a district's inbox.
            models.Index(
                fields=["post_tenant", "post_role", "created"],
                name="step_post_queue",
                condition=models.Q(status__in=["NEW", "ASSIGNED"]),
            ),
            models.Index(
                fields=["offered_to", "created"],
                name="step_person_queue",
                condition=models.Q(status__in=["NEW", "ASSIGNED"], offered_to__isnull=False),
            ),
            models.Index(
                fields=["district_id", "created", "id"],
                name="step_open_in_district",
                condition=models.Q(status__in=["NEW", "ASSIGNED"]),
            ),
            models.Index(fields=["scheduled"], name="step_timer", condition=models.Q(status="SCHEDULED")),
        ]

    @property
    def is_open(self) -> bool:
        return self.status in (STATUS.NEW, STATUS.ASSIGNED)


# viewflow's generic permission object is not used: a post takes its place. Django inherits the relation
# although its columns are gone.
Task._meta.private_fields.clear()
del Task.owner_permission_obj
Task._meta._expire_cache()  # type: ignore[attr-defined]


class TaskLink(TenantModel):
    """Which step led to which."""

    from_task = TenantForeignKey(Task, models.PROTECT, related_name="+")
    to_task = TenantForeignKey(Task, models.PROTECT, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "from_task", "to_task"], name="step_link_once"),
        ]


class Decision(TenantModel):
    """What one person decided in one step; a step is decided once."""

    process = TenantForeignKey(Process, models.PROTECT, related_name="decisions")
    task = TenantForeignKey(Task, models.PROTECT, related_name="decisions")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    actor_name = models.CharField(max_length=100)
    post_tenant = models.ForeignKey(Tenant, models.PROTECT, null=True, related_name="+", db_index=False)
    post_role = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    comment = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "task"], name="one_decision_per_step"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "actor", "-decided_at"], name="decision_actor"),
            # What a street's or a district's officer decided, in many tenants.
            models.Index(fields=["actor", "-decided_at"], name="decision_by_person"),
        ]


class CaseCounter(TenantModel):
    """The last case number of a flow and year; locked while a case starts, so numbers have no gaps."""

    flow = models.CharField(max_length=100)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "flow", "year"], name="case_counter"),
        ]


class ParameterSetting(models.Model):
    """What one level sets a parameter to from a day on; no value means that it is inherited again.

    Not a tenant's private row: everybody below reads it. Only its tenant writes it, and nobody changes it.
    """

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", db_index=False)
    parameter = models.CharField(max_length=100)
    value = models.IntegerField(null=True)
    effective_from = models.DateField()
    set_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    set_by_name = models.CharField(max_length=100, blank=True)
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "parameter", "-effective_from", "-id"], name="parameter_in_force"),
        ]
