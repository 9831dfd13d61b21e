"""What a tenant table is made of: the base model, its manager and its foreign key.

Django sees an ordinary `id`; the database's key is `(tenant_id, id)` (see `operations.py`). Every
statement that Django makes for these models, look-ups by a relation, `refresh_from_db` and `save`
included, carries the active scope's predicate, and raises ScopeMissing without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models.expressions import Col
from django.db.models.fields.related import ForeignKey
from django.db.models.lookups import Exact

from tenants.errors import ForeignRow, ScopeReadOnly
from tenants.scope import active_scope

Row = TypeVar("Row", bound=models.Model)

SCOPE_COLUMNS = ("tenant_id", "street_id", "district_id")


class ScopeIdField(models.BigIntegerField):  # type: ignore[type-arg]
    """An id that a new row takes from the active scope and that never changes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        given = getattr(model_instance, self.attname)
        if not add:
            return given
        scope = active_scope()
        if not scope.writes:
            raise ScopeReadOnly
        own = getattr(scope, self.attname)
        if given is not None and given != own:
            raise ForeignRow
        setattr(model_instance, self.attname, own)
        return own


class TenantQuerySet(models.QuerySet[Row]):
    """Statements on one tenant table, always inside the active scope."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete by the scope's predicate; relations are guarded by the database, not cascaded."""
        _require_write()
        count = self._chain()._raw_delete(self.db)  # type: ignore[attr-defined]
        return count, {self.model._meta.label: count}

    delete.alters_data = True  # type: ignore[attr-defined]

    def select_for_update(self, *args: Any, **kwargs: Any) -> Self:
        """Lock the rows; a reading scope is refused, for PostgreSQL would answer it with no rows."""
        _require_write()
        return super().select_for_update(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        _require_write()
        return super().update(**kwargs)

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Row]:
        _require_write()
        return super().bulk_create(*args, **kwargs)


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """Start every statement inside the active scope."""

    def get_queryset(self) -> TenantQuerySet[Any]:
        queryset: TenantQuerySet[Any] = super().get_queryset()
        return queryset.filter(**active_scope().predicate)


class TenantModel(models.Model):
    """A row that belongs to exactly one tenant."""

    id = models.BigAutoField(primary_key=True)
    tenant_id = ScopeIdField()
    street_id = ScopeIdField()
    district_id = ScopeIdField()

    objects: ClassVar[Any] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def _do_update(  # type: ignore[override]
        self,
        base_qs: models.QuerySet[Any],
        using: str | None,
        pk_val: Any,
        values: Sequence[tuple[models.Field[Any, Any], Any, Any]],
        update_fields: Any,
        forced_update: bool,
    ) -> bool:
        """Leave the scope's columns out of UPDATE: a row never moves by saving it."""
        _require_write()
        kept = [value for value in values if value[0].attname not in SCOPE_COLUMNS]
        return super()._do_update(base_qs, using, pk_val, kept, update_fields, forced_update)  # type: ignore[call-arg, return-value]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete this row; see `TenantQuerySet.delete`."""
        result: tuple[int, dict[str, int]] = type(self)._base_manager.filter(pk=self.pk).delete()
        return result


def _require_write() -> None:
    if not active_scope().writes:
        raise ScopeReadOnly


if TYPE_CHECKING:
    TenantForeignKey = ForeignKey
else:

    class TenantForeignKey(ForeignKey):
        """A relation inside one tenant: joins compare tenants, the database key is composite."""

        def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
            kwargs["db_constraint"] = False
            kwargs["db_index"] = False
            super().__init__(to, on_delete, **kwargs)

        def deconstruct(self) -> Any:
            name, path, args, kwargs = super().deconstruct()
            kwargs.pop("db_constraint", None)
            kwargs.pop("db_index", None)
            return name, path, args, kwargs

        def get_extra_restriction(self, alias: str, related_alias: str) -> Any:
            """Add `a.tenant_id = b.tenant_id` to every join along this relation."""
            near = self.model._meta.get_field("tenant_id")
            far = self.remote_field.model._meta.get_field("tenant_id")
            return Exact(Col(alias, near), Col(related_alias, far))
