"""Indexes for those who read many tenants: a post's and a person's queue, a district's open steps."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

OPEN = models.Q(status__in=["NEW", "ASSIGNED"])


class Migration(migrations.Migration):
    # Built while the application goes on writing, so not in one transaction.
    atomic = False

    dependencies = [("workflows", "0002_roles")]

    operations = [
        AddIndexConcurrently(
            "task",
            models.Index(
                fields=["post_tenant", "post_role", "created"], name="step_post_queue", condition=OPEN
            ),
        ),
        AddIndexConcurrently(
            "task",
            models.Index(
                fields=["offered_to", "created"],
                name="step_person_queue",
                condition=models.Q(status__in=["NEW", "ASSIGNED"], offered_to__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "task",
            models.Index(
                fields=["district_id", "created", "id"], name="step_open_in_district", condition=OPEN
            ),
        ),
        AddIndexConcurrently(
            "decision", models.Index(fields=["actor", "-decided_at"], name="decision_by_person")
        ),
        RemoveIndexConcurrently("task", "step_open_in_street"),
        RemoveIndexConcurrently("task", "step_open_by_person"),
        RemoveIndexConcurrently("decision", "decision_street_actor"),
    ]
