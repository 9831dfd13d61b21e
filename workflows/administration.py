"""What the cases do when administration moves a community, ends a post or closes a tenant."""

from __future__ import annotations

from typing import Any

from viewflow.workflow.status import PROCESS, STATUS

from tenants import trail
from tenants.actors import Actor, Post
from workflows.models import Process, Task

OPEN = (STATUS.NEW, STATUS.ASSIGNED)


class Cases:
    """The answer to `tenants.administration.case_work.CaseWork`."""

    def open_cases(self) -> int:
        return int(Process.objects.filter(status=PROCESS.NEW).count())

    def readdress(self, moves: dict[int, int], *, actor: Actor | None) -> int:
        """A step that somebody had claimed by a post they don't hold there goes back to the new post."""
        waiting = _locked(Task.objects.filter(status__in=OPEN, post_tenant_id__in=moves))
        for step in waiting:
            before = int(step.post_tenant_id or 0)
            step.post_tenant_id = moves[before]
            _unclaim(step)
            step.save()
            _record("step.readdressed", step, actor, {"post_tenant": [before, moves[before]]})
        return len(waiting)

    def tenants_with_claims(self, user_id: int, post: Post) -> list[int]:
        claimed = _claimed(user_id, post)
        return sorted(set(claimed.values_list("tenant_id", flat=True)))

    def release_claims(self, user_id: int, post: Post, *, actor: Actor | None) -> int:
        claimed = _locked(_claimed(user_id, post))
        for step in claimed:
            owner = step.owner_name
            _unclaim(step)
            step.save()
            _record("step.released", step, actor, {"owner": [owner, None]})
        return len(claimed)


def _claimed(user_id: int, post: Post) -> Any:
    return Task.objects.filter(
        status=STATUS.ASSIGNED, owner_id=user_id, post_tenant_id=post.tenant_id, post_role=post.role
    )


def _locked(steps: Any) -> list[Task]:
    """Lock the steps' cases, all of them before anything is written, and return what is still as asked."""
    cases = sorted(set(steps.values_list("process_id", flat=True)))
    for case_id in cases:
        Process.objects.all().locked(case_id)
    return list(steps.filter(process_id__in=cases).order_by("pk"))


def _unclaim(step: Task) -> None:
    step.status, step.owner_id, step.owner_name, step.assigned = STATUS.NEW, None, "", None


def _record(verb: str, step: Task, actor: Actor | None, changes: dict[str, Any]) -> None:
    trail.record(
        verb,
        actor=actor,
        post=step.post_role,
        case_id=step.process_id,
        step_id=step.pk,
        step=step.flow_task.name,
        changes=changes,
    )
