"""What happened: one append-only, hash-chained log per tenant.

The log lies below the tenant models, so its rows name their tenant by number;
row-level security for both tables is applied by the tenants app.
"""

from __future__ import annotations

from typing import NoReturn

from django.db import models


class UnscopedLogError(Exception):
    """Audit rows are reached through `of(tenant_id)`, never all at once."""


class LogManager(models.Manager[models.Model]):
    """Refuse any statement that does not name its tenant."""

    def get_queryset(self) -> NoReturn:
        raise UnscopedLogError(UnscopedLogError.__doc__)

    def of(self, tenant_id: int) -> models.QuerySet[models.Model]:
        """Return the rows of one tenant."""
        return models.QuerySet(self.model, using=self._db).filter(tenant_id=tenant_id)


class LogRow(models.Model):
    tenant_id = models.BigIntegerField()
    street_id = models.BigIntegerField()
    district_id = models.BigIntegerField()

    objects = LogManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class Event(LogRow):
    """One state change, with the hash that binds it to the one before."""

    seq = models.BigIntegerField()
    at = models.DateTimeField()
    verb = models.CharField(max_length=64)
    case_id = models.BigIntegerField(null=True)
    step_id = models.BigIntegerField(null=True)
    step = models.CharField(max_length=100)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=100)
    post = models.CharField(max_length=100)
    changes = models.JSONField()
    request_id = models.CharField(max_length=64)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta(LogRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "seq"], name="audit_event_seq"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "case_id"], name="audit_event_case"),
        ]


class Head(LogRow):
    """The last sequence number and hash of a tenant; locked while an event is added."""

    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta(LogRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id"], name="audit_head_tenant"),
        ]
