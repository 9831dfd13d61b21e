"""What may be seen, in pure Python: the tree, the posts, the rows and nothing of the application."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

ABOVE = 0
CITY, DISTRICT, STREET, COMMUNITY = "city", "district", "street", "community"
BELOW = {CITY: DISTRICT, DISTRICT: STREET, STREET: COMMUNITY}

HERE = {
    "community_clerk",
    "community_secretary",
    "street_officer",
    "street_leader",
    "district_reviewer",
}
FROM_THE_STREET = {"street_officer", "street_leader"}
FROM_THE_DISTRICT = {"district_reviewer"}
READS_NOTHING = {"tenant_admin"}
ROLES = sorted(HERE | READS_NOTHING)


@dataclass(frozen=True)
class Place:
    id: int
    slug: str
    level: str
    street_id: int = ABOVE
    district_id: int = ABOVE


@dataclass(frozen=True)
class Step:
    """An open step: whose case it is in, for which post it waits, or for which person."""

    id: int
    tenant_id: int
    post: tuple[int, str] | None
    person: int | None


@dataclass
class TreeModel:
    """The truth that the application is compared with."""

    places: dict[int, Place] = field(default_factory=dict)
    people: list[int] = field(default_factory=list)
    posts: defaultdict[int, set[tuple[int, str]]] = field(default_factory=lambda: defaultdict(set))
    appointments: dict[int, int] = field(default_factory=dict)
    """Every appointment, past and future ones too: its tenant."""
    members: dict[int, int] = field(default_factory=dict)
    cases: dict[int, int] = field(default_factory=dict)
    applicants: dict[int, int] = field(default_factory=dict)
    steps: dict[int, Step] = field(default_factory=dict)
    reads: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    """How often the cases of each tenant were read from outside it."""

    def reach(self, scope: str, place: Place) -> set[int]:
        """Return the tenants that a scope of a place holds."""
        if scope == "tenant":
            return {place.id}
        column = f"{scope}_id"
        return {one.id for one in self.places.values() if getattr(one, column) == place.id}

    def rows(self, owners: dict[int, int], scope: str, place: Place) -> set[int]:
        reach = self.reach(scope, place)
        return {row for row, tenant_id in owners.items() if tenant_id in reach}

    def reading_posts(self, person: int, place: Place) -> list[tuple[int, str]]:
        """Return the posts by which a person reads a place's cases, nearest first."""
        posts = self.posts[person]
        steps = (
            (place.id, HERE),
            (place.street_id, FROM_THE_STREET),
            (place.district_id, FROM_THE_DISTRICT),
        )
        return [(at, role) for at, roles in steps for role in sorted(roles) if (at, role) in posts]

    def inbox_scope(self, place: Place) -> str:
        return place.level if place.level in (STREET, DISTRICT) else "tenant"

    def todo(self, person: int, place: Place) -> set[int]:
        """Return the open steps that wait for the person's posts at a place, or for the person."""
        reach = self.reach(self.inbox_scope(place), place)
        posts = {post for post in self.posts[person] if post[0] == place.id}
        return {
            step.id
            for step in self.steps.values()
            if step.tenant_id in reach and (step.post in posts or step.person == person)
        }

    def started(self, person: int, place: Place) -> set[int]:
        mine = {case: tenant for case, tenant in self.cases.items() if self.applicants[case] == person}
        return self.rows(mine, self.inbox_scope(place), place)
