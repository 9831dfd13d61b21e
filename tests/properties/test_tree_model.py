"""Random trees, people, posts and rows: what the application shows is what the model says, step by step.

`make soak` walks 10,000 steps. LIANXI_STEPS and LIANXI_SEED choose others; a failure names its seed.
"""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta
from itertools import count
from math import ceil
from typing import Any, ClassVar

import hypothesis
import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from audit.models import Event
from audit.verify import verify
from registry.models import Member
from tenants.actors import Actor, actor_for
from tenants.models import Appointment, Tenant, User
from tenants.owner import as_owner
from tenants.scope import district_scope, street_scope, tenant_scope
from tests.cast import make_member
from tests.properties.tree_model import BELOW, CITY, ROLES, Place, Step, TreeModel
from workflows import permissions, queries
from workflows.errors import NotFound
from workflows.flows import FLOWS
from workflows.models import Process, Task

STEPS = int(os.environ.get("LIANXI_STEPS", "500"))
SEED = int(os.environ.get("LIANXI_SEED") or random.SystemRandom().randrange(2**32))
SHRINKS = os.environ.get("LIANXI_SHRINK", "1") == "1"
FLOW = FLOWS["outstanding-member"]
ANY = st.integers(0, 999)
SCOPES = ("tenant", "street", "district")
WALK = 40
PERIODS = {"today": (-30, None), "until today": (-30, 0), "past": (-30, -1), "future": (1, None)}

_serial = count(1)


class TreeMachine(RuleBasedStateMachine):
    """Does something to the application and to the model, and compares what each of them shows."""

    steps = 0
    looks: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.model = TreeModel()
        self.tenants: dict[int, Tenant] = {}
        self.users: dict[int, User] = {}

    # The tree and the people. Earlier examples' trees stay in the database, foreign to this one.

    @initialize()
    def begin(self) -> None:
        """Two districts, in the first a reviewer, an officer of its street, and a case to read."""
        city = self._add(None, CITY)
        for _ in range(2):
            district = self._add(city, BELOW[city.level])
            street = self._add(district, BELOW[district.level])
            self._add(street, BELOW[street.level])
        for at, role in ((1, "district_reviewer"), (2, "street_officer"), (3, "community_clerk")):
            self.join()
            self.appoint(at - 1, at, role, "today")
        self.register(3)
        self.open_case(at=3, who=2, post_at=3, role="community_clerk", to_person=False)

    @rule(at=ANY)
    def grow(self, at: int) -> None:
        parent = self._place(at)
        if parent.level in BELOW:
            self._add(parent, BELOW[parent.level])

    @rule()
    def join(self) -> None:
        with as_owner():
            user = User.objects.create_user(f"p{next(_serial)}-{SEED}", "某人", "irrelevant-1")
        self.users[user.pk] = user
        self.model.people.append(user.pk)

    @rule(who=ANY, at=ANY, role=st.sampled_from(ROLES), period=st.sampled_from(sorted(PERIODS)))
    def appoint(self, who: int, at: int, role: str, period: str) -> None:
        person, place = self._person(who), self._place(at)
        first, last = (self._day(days) for days in PERIODS[period])
        with tenant_scope(self.tenants[place.id]):
            appointment, made = Appointment.objects.get_or_create(
                user_id=person, role=role, starts_on=first, defaults={"ends_on": last}
            )
        self.model.appointments[appointment.pk] = place.id
        if made and period in ("today", "until today"):
            self.model.posts[person].add((place.id, role))

    @rule(who=ANY, at=ANY)
    def dismiss(self, who: int, at: int) -> None:
        person, place = self._person(who), self._place(at)
        with tenant_scope(self.tenants[place.id]):
            held = Appointment.objects.filter(user_id=person, starts_on__lt=self._day(0))
            held.update(ends_on=self._day(-1))
        self.model.posts[person] = {post for post in self.model.posts[person] if post[0] != place.id}

    # Rows.

    @rule(at=ANY)
    def register(self, at: int) -> None:
        place = self._place(at)
        number = f"{next(_serial)}-{SEED}"
        member = make_member(self.tenants[place.id], "张三", id_number_hash=number)
        self.model.members[member.pk] = place.id

    @rule(at=ANY, who=ANY, post_at=ANY, role=st.sampled_from(ROLES), to_person=st.booleans())
    def open_case(self, at: int, who: int, post_at: int, role: str, to_person: bool) -> None:
        place, person, post = self._place(at), self._person(who), (self._place(post_at).id, role)
        with tenant_scope(self.tenants[place.id]):
            case = Process.objects.create(
                flow_class=FLOW, applicant_id=person, applicant_name="某人", number=f"{next(_serial)}-{SEED}"
            )
            step = Task.objects.create(
                process=case,
                flow_task=FLOW.instance.node("eligibility"),
                post_tenant_id=None if to_person else post[0],
                post_role="" if to_person else role,
                offered_to_id=person if to_person else None,
            )
        self.model.cases[case.pk], self.model.applicants[case.pk] = place.id, person
        self.model.steps[step.pk] = Step(
            step.pk, place.id, None if to_person else post, person if to_person else None
        )

    # What is seen.

    @rule(at=ANY, scope=st.sampled_from(SCOPES))
    def read(self, at: int, scope: str) -> None:
        self._compare_rows(self._place(at), scope)

    def _compare_rows(self, place: Place, scope: str) -> None:
        self.looks["rows"] += 1
        with self._scope(scope, place):
            for rows, owners in (
                (Member, self.model.members),
                (Process, self.model.cases),
                (Appointment, self.model.appointments),
                (Task, {step.id: step.tenant_id for step in self.model.steps.values()}),
            ):
                wanted = self.model.rows(owners, scope, place)
                assert set(rows.objects.values_list("pk", flat=True)) == wanted
                assert self._by_sql(rows) == wanted
            if scope == "tenant":
                assert {m.pk for m in queries.members()} == self.model.rows(self.model.members, scope, place)
        _require_nothing_left()

    @rule(who=ANY, at=ANY)
    def enter(self, who: int, at: int) -> None:
        self._compare_entry(self._person(who), self._place(at))

    def _compare_entry(self, person: int, place: Place) -> None:
        self.looks["entries"] += 1
        actor, wanted = self._actor(person), self.model.reading_posts(person, place)
        assert list(permissions.reading_posts(actor, self.tenants[place.id])) == wanted
        try:
            entered = permissions.get_tenant(actor, place.slug).pk
        except NotFound:
            entered = None
        assert entered == (place.id if wanted else None)

    @rule(who=ANY, at=ANY, which=ANY)
    def open(self, who: int, at: int, which: int) -> None:
        if not self.model.cases:
            return
        case_id = sorted(self.model.cases)[which % len(self.model.cases)]
        self._compare_case(self._person(who), self._place(at), case_id)

    def _compare_case(self, person: int, place: Place, case_id: int) -> None:
        self.looks["cases"] += 1
        actor, posts = self._actor(person), self.model.reading_posts(person, place)
        try:
            with tenant_scope(self.tenants[place.id]):
                found = permissions.get_case(actor, self.tenants[place.id], case_id).pk
        except NotFound:
            found = None
        may = bool(posts) and self.model.cases[case_id] == place.id
        assert found == (case_id if may else None)
        if may and posts[0][0] != place.id:
            self.model.reads[place.id] += 1

    @rule(who=ANY, at=ANY)
    def look_into_the_inbox(self, who: int, at: int) -> None:
        self._compare_inbox(self._person(who), self._place(at))

    def _compare_inbox(self, person: int, place: Place) -> None:
        self.looks["inboxes"] += 1
        actor = self._actor(person)
        with self._scope(self.model.inbox_scope(place), place):
            assert {step.pk for step in queries.todo(actor, place.id)} == self.model.todo(person, place)
            assert {case.pk for case in queries.started(actor)} == self.model.started(person, place)

    @rule(at=ANY, which=ANY)
    def write_to_any_row(self, at: int, which: int) -> None:
        if not self.model.members:
            return
        place = self._place(at)
        member = sorted(self.model.members)[which % len(self.model.members)]
        own = self.model.members[member] == place.id
        with tenant_scope(self.tenants[place.id]), connection.cursor() as cursor:
            assert Member.objects.filter(pk=member).update(name=f"张{which}") == own
            assert bool(Member.objects.select_for_update().filter(pk=member)) == own
            cursor.execute("UPDATE registry_member SET phone = '1' WHERE id = %s", [member])
            assert cursor.rowcount == own

    @rule(at=ANY)
    def check_the_log(self, at: int) -> None:
        self._compare_log(self._place(at))

    def _compare_log(self, place: Place) -> None:
        self.looks["logs"] += 1
        with tenant_scope(self.tenants[place.id]):
            assert Event.objects.of(place.id).filter(verb="case.read").count() == self.model.reads[place.id]
            assert verify(place.id).intact

    @invariant()
    def count_steps(self) -> None:
        type(self).steps += 1

    def teardown(self) -> None:
        """Whatever the walk has looked at on its way, at its end everything is compared."""
        for place in self.model.places.values():
            for scope in SCOPES:
                self._compare_rows(place, scope)
            for person in self.model.people:
                self._compare_entry(person, place)
                self._compare_inbox(person, place)
        for case_id, home in self.model.cases.items():
            for person in self.model.people:
                self._compare_case(person, self.model.places[home], case_id)
        for place in self.model.places.values():
            self._compare_log(place)

    # Ways to them.

    def _add(self, parent: Place | None, level: str) -> Place:
        above = self.tenants[parent.id] if parent else None
        with as_owner():
            tenant = Tenant(slug=f"t{next(_serial)}-{SEED}", name="某地", level=level, parent=above)
            if above:
                tenant.street_id, tenant.district_id = above.street_id, above.district_id
            tenant.save()
            if level in ("street", "district"):
                setattr(tenant, f"{level}_id", tenant.pk)
                tenant.save()
        place = Place(tenant.pk, tenant.slug, level, tenant.street_id, tenant.district_id)
        self.tenants[tenant.pk], self.model.places[tenant.pk] = tenant, place
        return place

    def _place(self, number: int) -> Place:
        places = list(self.model.places.values())
        return places[number % len(places)]

    def _person(self, number: int) -> int:
        return self.model.people[number % len(self.model.people)]

    def _actor(self, person: int) -> Actor:
        actor = actor_for(self.users[person])
        assert {(post.tenant_id, post.role) for post in actor.posts} == self.model.posts[person]
        return actor

    def _scope(self, scope: str, place: Place) -> AbstractContextManager[Any]:
        if scope == "street":
            return street_scope(place.id)
        return district_scope(place.id) if scope == "district" else tenant_scope(self.tenants[place.id])

    def _by_sql(self, rows: Any) -> set[int]:
        """Return the rows that the policies alone let through."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {rows._meta.db_table}")
            return {row for (row,) in cursor.fetchall()}

    @staticmethod
    def _day(days: int | None) -> date | None:
        return None if days is None else timezone.localdate() + timedelta(days=days)


def _require_nothing_left() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('app.tenant_id', true)")
        assert cursor.fetchone() in [("lianxi_app", ""), ("lianxi_app", None)]


@pytest.fixture
def budget(database: None) -> Iterator[None]:
    TreeMachine.steps = 0
    yield
    sys.stderr.write(
        f"\ntree model: {TreeMachine.steps} steps, {dict(TreeMachine.looks)} compared, seed {SEED}\n"
    )


@pytest.mark.usefixtures("budget")
def test_the_application_shows_what_the_model_says() -> None:
    for round_number in count():
        left = STEPS - TreeMachine.steps
        if left <= 0:
            break
        run_state_machine_as_test(
            hypothesis.seed(SEED + round_number)(TreeMachine),
            settings=settings(
                max_examples=ceil(left / WALK),
                stateful_step_count=WALK,
                deadline=None,
                database=None,
                phases=tuple(Phase) if SHRINKS else (Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert TreeMachine.steps >= STEPS
