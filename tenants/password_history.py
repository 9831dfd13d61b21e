"""Which passwords a person has chosen, and when: against using one again, and for ever.

An administrator's new password leaves no record, so a password without one is somebody else's idea.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tenants.models import PasswordRecord, User


def choose_password(user: User, raw: str) -> None:
    """Give the person the password that they have chosen, and keep as many old ones as must not come back.

    Runs as the login role, outside every scope.
    """
    with transaction.atomic():
        newest = _records(user).first()
        if newest is None or newest.encoded != user.password:
            # Set by somebody else: not to be chosen again either.
            PasswordRecord.objects.create(user=user, encoded=user.password)
        user.set_password(raw)
        user.save(update_fields=["password"])
        PasswordRecord.objects.create(user=user, encoded=user.password)
        kept = _records(user).values_list("pk", flat=True)[: settings.PASSWORD_HISTORY]
        PasswordRecord.objects.filter(user=user).exclude(pk__in=list(kept)).delete()


def was_used_lately(user: User, raw: str) -> bool:
    """Tell whether a password is the person's own, or one of those before it."""
    lately = _records(user).values_list("encoded", flat=True)[: settings.PASSWORD_HISTORY]
    return any(check_password(raw, encoded) for encoded in {user.password, *lately})


def is_given(user: User, raw: str) -> bool:
    """Tell whether the person's password, just typed, was set by somebody else."""
    newest = _records(user).first()
    if newest is None:
        return True
    if newest.encoded == user.password:
        return False
    if not check_password(raw, newest.encoded):
        return True
    # The same password, stored anew with stronger parameters.
    _records(user).filter(pk=newest.pk).update(encoded=user.password)
    return False


def is_too_old(user: User) -> bool:
    """Tell whether the person chose their password longer ago than a password may last."""
    newest = _records(user).first()
    oldest = timezone.now() - timedelta(days=settings.PASSWORD_MAX_AGE_DAYS)
    return newest is not None and newest.set_at < oldest


def _records(user: User) -> QuerySet[PasswordRecord]:
    return PasswordRecord.objects.filter(user=user).order_by("-pk")
