"""Who: the tenant tree, the people who sign in, the posts they hold, and machine tokens."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.rows import TenantModel

ABOVE_STREETS = 0
"""Stands for "no street" (or "no district") in a tenant's row, so that every key column is NOT NULL."""


class Level(models.TextChoices):
    CITY = "city", _("City")
    DISTRICT = "district", _("District")
    STREET = "street", _("Street")
    COMMUNITY = "community", _("Community")


class Role(models.TextChoices):
    COMMUNITY_CLERK = "community_clerk", _("Community clerk")
    COMMUNITY_SECRETARY = "community_secretary", _("Community secretary")
    STREET_OFFICER = "street_officer", _("Street organisation officer")
    STREET_LEADER = "street_leader", _("Street leader")
    DISTRICT_REVIEWER = "district_reviewer", _("District reviewer")
    TENANT_ADMIN = "tenant_admin", _("Tenant administrator")
    SYSTEM_ADMIN = "system_admin", _("System administrator")
    SECURITY_ADMIN = "security_admin", _("Security administrator")
    AUDIT_ADMIN = "audit_admin", _("Audit administrator")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")


class Tenant(models.Model):
    """One node of the tree city → district → street → community; each is a tenant of its own."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    level = models.CharField(max_length=20, choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    street_id = models.BigIntegerField(default=ABOVE_STREETS)
    district_id = models.BigIntegerField(default=ABOVE_STREETS)
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            # What every tenant row's (tenant_id, street_id, district_id) refers to.
            models.UniqueConstraint(fields=["id", "street_id", "district_id"], name="tenant_place"),
        ]
        indexes = [models.Index(fields=["street_id"], name="tenant_street")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.closed_on is None


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, full_name: str, password: str) -> User:
        user = self.model(username=username, full_name=full_name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in; what they may do comes from the posts they hold."""

    username = models.CharField(_("User name"), max_length=150, unique=True)
    full_name = models.CharField(_("Full name"), max_length=100)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    def __str__(self) -> str:
        return self.full_name


class PasswordRecord(models.Model):
    """A password that a person chose: the newest is the one they have, unless somebody else has set one."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    encoded = models.CharField(max_length=128)
    set_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.set_at:%Y-%m-%d}"


class Appointment(TenantModel):
    """A person holds a post, that is a role in a tenant, from one day to another."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=40, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "user", "role", "starts_on"], name="appointment_once"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="appointment_period",
            ),
        ]
        # A person's own posts are looked up before any tenant is known.
        indexes = [models.Index(fields=["user", "tenant_id"], name="appointment_user")]


class ApiToken(models.Model):
    """A machine credential: it acts as one person in one tenant. Only its digest is stored."""

    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
