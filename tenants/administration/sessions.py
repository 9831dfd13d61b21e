"""End a person's sessions."""

from __future__ import annotations

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from tenants.models import User

BATCH = 500


def end_sessions(user: User) -> int:
    """Delete the sessions in which a person is signed in; runs as the login role, whose table it is.

    A session names its user only inside its data, so all that are valid are looked at.
    """
    mine = str(user.pk)
    valid = Session.objects.filter(expire_date__gt=timezone.now())
    keys = [
        session.session_key
        for session in valid.iterator(chunk_size=BATCH)
        if session.get_decoded().get(SESSION_KEY) == mine
    ]
    deleted, _by_model = Session.objects.filter(session_key__in=keys).delete()
    return deleted
