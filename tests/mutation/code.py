"""Mutations of the code: a piece of a module's text, and what stands there instead."""

from __future__ import annotations

from dataclasses import dataclass

SCOPES = "tests/tenants/test_scope.py"
LAYERS = "tests/permissions/test_layers.py"
MATRIX = "tests/permissions/test_matrix.py"
SAME = "tests/permissions/test_same_answer.py"
READERS = "tests/permissions/test_readers.py"
TREE = "tests/properties/test_tree_model.py"
LEAK = "tests/faults/test_context_leak.py"
CATALOGUE = "tests/tenants/test_catalogue.py"
FOREIGN = "tests/api/test_foreign.py"


@dataclass(frozen=True)
class CodeMutation:
    """What a module would be with one guard less; `suites` are those that must notice, in order."""

    name: str
    module: str
    old: str
    new: str
    suites: tuple[str, ...]

    def apply(self, source: str) -> str:
        """Return the mutated source; the code must still say what the mutation changes."""
        if source.count(self.old) != 1:
            raise ValueError(
                f"{self.name}: {self.module} does not hold exactly once: {self.old!r}. The code has changed; "
                "adapt the mutation in tests/mutation/code.py."
            )
        return source.replace(self.old, self.new)


CODE = (
    CodeMutation(
        "ORM: no scope is needed",
        "tenants.rows",
        "        return queryset.filter(**active_scope().predicate)",
        "        from tenants.scope import scope_is_active\n"
        "        return queryset.filter(**active_scope().predicate) if scope_is_active() else queryset",
        (SCOPES, LAYERS),
    ),
    CodeMutation(
        "ORM: no explicit predicate",
        "tenants.rows",
        "        return queryset.filter(**active_scope().predicate)",
        "        active_scope()\n        return queryset",
        (LAYERS,),
    ),
    CodeMutation(
        "ORM: readers may write and lock",
        "tenants.rows",
        "    if not active_scope().writes:\n        raise ScopeReadOnly\n\n\nif TYPE_CHECKING",
        "    active_scope()\n\n\nif TYPE_CHECKING",
        (READERS,),
    ),
    CodeMutation(
        "ORM: a new row keeps the tenant it names",
        "tenants.rows",
        "        if given is not None and given != own:",
        "        if False:",
        (SCOPES,),
    ),
    CodeMutation(
        "scope: scopes nest",
        "tenants.scope",
        "    if _active.get() is not None:\n        raise ScopeNested",
        "    _active.get()",
        (SCOPES,),
    ),
    CodeMutation(
        "scope: settings outlive the transaction",
        "tenants.scope",
        'f"SET LOCAL app.tenant_id = {int(scope.tenant_id)};"',
        'f"SET app.tenant_id = {int(scope.tenant_id)};"',
        (TREE, LEAK),
    ),
    CodeMutation(
        "role: the scope of a street writes",
        "tenants.scope",
        'Scope("lianxi_street", Reach.STREET, 0, street_id, 0)) as',
        'Scope("lianxi_member", Reach.STREET, 0, street_id, 0)) as',
        (READERS, TREE),
    ),
    CodeMutation(
        "get_tenant: no look at the tree",
        "workflows.permissions",
        "    if tenant is None or not reading_posts(actor, tenant):",
        "    if tenant is None:",
        (MATRIX,),
    ),
    CodeMutation(
        "get_case: no look at the tree",
        "workflows.permissions",
        "Process.objects.filter(pk=case_id).first() if posts else None",
        "Process.objects.filter(pk=case_id).first()",
        (LAYERS, TREE),
    ),
    CodeMutation(
        "get_case: a read from outside leaves no trace",
        "workflows.permissions",
        "    if posts[0][0] != tenant.pk:",
        "    if False:",
        (FOREIGN, TREE),
    ),
    CodeMutation(
        "reading_posts: a street's officer reads every street",
        "workflows.permissions",
        "        (tenant.street_id, STREET_READERS),",
        "        *((post.tenant_id, STREET_READERS) for post in actor.posts),",
        (MATRIX, TREE),
    ),
    CodeMutation(
        "lock_step: any step of any case",
        "workflows.engine.steps",
        "Task.objects.filter(pk=step_id, process_id=case.pk).first()",
        "Task.objects.filter(pk=step_id).first()",
        (SAME,),
    ),
    CodeMutation(
        "record_decision: a second decision is not refused in words",
        "workflows.engine.steps",
        "        raise StepClosed from error",
        "        raise error",
        (LAYERS,),
    ),
    CodeMutation(
        "token: posts at every tenant",
        "api.credentials",
        "frozenset(post for post in actor.posts if post.tenant_id == found.tenant.pk)",
        "actor.posts",
        (MATRIX,),
    ),
    CodeMutation(
        "API: an id opens any tenant",
        "api.places",
        "    if not reading_posts(caller.actor, tenant):\n        raise NotFound\n    return tenant",
        "    return tenant",
        (MATRIX, SAME),
    ),
    CodeMutation(
        "start: the application may be a superuser",
        "tenants.startup",
        "        if wrong:",
        "        if False:",
        (CATALOGUE,),
    ),
    CodeMutation(
        "404: a page that is foreign says so",
        "web.middleware",
        "        if isinstance(exception, NotFound | Http404):",
        "        if isinstance(exception, Http404):",
        (MATRIX, SAME),
    ),
)
