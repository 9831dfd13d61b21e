"""What signing in asks of whom, by the posts they hold: the one place where a new role is thought of.

A role that is not mentioned here is treated as the ones with the most to lose.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from tenants.actors import Actor
from tenants.administration.authority import ADMINISTRATORS
from tenants.models import Role

COMMUNITY_STAFF = frozenset({Role.COMMUNITY_CLERK, Role.COMMUNITY_SECRETARY})
"""Roles that exist in communities only; every other one is a street's, a district's or an administrator's."""


def needs_second_factor(actor: Actor) -> bool:
    """Tell whether one of the person's posts demands more than a password."""
    return settings.REQUIRE_SECOND_FACTOR and any(post.role not in COMMUNITY_STAFF for post in actor.posts)


def idle_limit(actor: Actor) -> timedelta:
    """Return how long the person may do nothing before they are signed out."""
    administers = any(post.role in ADMINISTRATORS for post in actor.posts)
    return timedelta(minutes=settings.IDLE_MINUTES_ADMIN if administers else settings.IDLE_MINUTES)


def longest_session() -> timedelta:
    return timedelta(hours=settings.SESSION_HOURS)
