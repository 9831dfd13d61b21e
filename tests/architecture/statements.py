"""Judge one SQL statement: may it run on tables that are distributed by tenant, and does it name its tenant?

What a distributed database demands is also what keeps tenants apart without row-level security: for every
tenant table in it, a statement compares `tenant_id` with a value, or with the `tenant_id` of a table for
which it does. A reader of a street or a district compares `street_id` or `district_id`, and only reads.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache

import sqlglot
from sqlglot import exp

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what it doesn't take apart

# Equalities that stand in for the tenant's, each reviewed: (role, table, column) → why. They only read.
OTHER_KEYS = {
    ("", "tenants_appointment", "user_id"): "a person's own posts are looked up before any tenant is known",
    ("lianxi_dispatch", "workflows_task", "status"): "the dispatcher looks for due timers in every tenant",
    ("lianxi_street", "*", "street_id"): "a street reads its communities",
    ("lianxi_district", "*", "district_id"): "a district reads its streets and communities",
}

# Roles that may change where rows belong, each reviewed.
MOVERS = {"lianxi_admin": "a community that moves takes its rows with it"}

# Complaints of statements that keep tenants apart, but that a distributed database would refuse as they are:
# what is still to be changed before the application runs on one (docs/how-to/scale-out.md says so too).
KNOWN_REFUSALS = {
    "an INSERT into audit_event begins with WITH, which is refused on distributed tables": "audit/record.py",
    "audit_head: a function in RETURNING that is not immutable is refused on distributed tables": (
        "audit/record.py"
    ),
}

# Tests that break the rules on purpose, to see what stops them; only their own statements are left out.
ATTACKS = {
    "tests/tenants/test_scope.py::test_a_wrong_street_is_refused_by_the_database": "the database refuses it",
    "tests/architecture/test_statements.py::test_an_orm_that_forgets_the_tenant_is_found": "to be found",
}

BLOCKS = (exp.Select, exp.Insert, exp.Update, exp.Delete)
PLACE = frozenset({"street_id", "district_id"})
_PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%%")
_UNPARSED = re.compile(
    r"^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SHOW|RESET|DISCARD|DEALLOCATE)\b", re.I
)

Node = tuple[str, str]
"""A column of a table: (alias, column)."""


def normalised(sql: str, *, has_parameters: bool) -> str:
    """Return the statement with parameters as `$1`, lists of them as one, and its spaces folded."""
    if has_parameters:
        sql = _PLACEHOLDER.sub(lambda match: "%" if match[0] == "%%" else "$1", sql)
    sql = re.sub(r"\(\$1(?:, \$1)+\)", "($1)", " ".join(sql.split()))
    return re.sub(r"(\([^()]*\))(?:, \1)+", r"\1", sql)


def complaints(sql: str, tables: Collection[str], *, role: str = "") -> list[str]:
    """Return what is wrong with a normalised statement; nothing for one that touches no tenant table.

    Arguments: `tables` are the tenant tables; `role` is that of the scope in which it ran, empty outside one.
    """
    if (_UNPARSED.match(sql) and ";" not in sql) or not any(table in sql for table in tables):
        return []
    try:
        trees = _parsed(sql)
    except sqlglot.errors.SqlglotError as error:
        return [f"cannot be parsed: {str(error).splitlines()[0]}"]
    return [problem for tree in trees if tree is not None for problem in _judged(tree, tables, role)]


@cache
def _parsed(sql: str) -> list[exp.Expression | None]:
    return sqlglot.parse(sql, dialect="postgres")


def _judged(tree: exp.Expression, tables: Collection[str], role: str) -> Iterator[str]:
    if isinstance(tree, exp.Command | exp.Copy | exp.TruncateTable) and not tree.find(exp.Select):
        named = [table for table in sorted(tables) if re.search(rf"\b{table}\b", tree.sql("postgres"))]
        yield from (f"{tree.key.upper()} of {table} cannot be routed to one tenant" for table in named)
        return
    blocks: dict[int, _Block] = {}
    for node in tree.find_all(*BLOCKS, bfs=True):
        above = node.find_ancestor(*BLOCKS)
        block = blocks[id(node)] = _Block(node, blocks.get(id(above)) if above else None)
        yield from _judge_block(block, frozenset(tables), role)


def _judge_block(block: _Block, tables: frozenset[str], role: str) -> Iterator[str]:
    node, own = block.node, {alias: name for alias, name in block.tables.items() if name in tables}
    target = block.target if block.target in own else None
    if isinstance(node, exp.Insert):
        if target is not None:
            yield from _judge_insert(node, own[target], role)
        return
    if isinstance(node, exp.Update) and target is not None:
        yield from _judge_assignments(node.expressions, own[target], role)
    writes, locks = isinstance(node, exp.Update | exp.Delete), bool(node.args.get("locks"))
    if target is not None and writes:
        yield from _judge_returning(node, own[target])
    bound, read = block.bound(role)
    for alias, name in own.items():
        if alias in bound:
            continue
        what = "written" if writes else "locked" if locks else "read"
        if alias not in read or writes or locks:
            yield f"{name} is {what} without an equality on tenant_id"


def _judge_insert(node: exp.Insert, table: str, role: str) -> Iterator[str]:
    columns = [c.name for c in node.this.expressions] if isinstance(node.this, exp.Schema) else []
    if "tenant_id" not in columns:
        yield f"{table} is inserted into without naming tenant_id"
    if node.args.get("with_"):
        yield f"an INSERT into {table} begins with WITH, which is refused on distributed tables"
    if isinstance(node.expression, exp.Values) and node.expression.find(exp.Select):
        yield f"an INSERT of values into {table} has a sub-select, which is refused on distributed tables"
    conflict = node.args.get("conflict")
    if conflict is not None:
        keys = [key.name or key.this.name for key in conflict.args.get("conflict_keys") or ()]
        if keys and "tenant_id" not in keys:
            yield f"ON CONFLICT of {table} does not name tenant_id"
        yield from _judge_assignments(conflict.expressions, table, role)
    yield from _judge_returning(node, table)


def _judge_assignments(assignments: list[exp.Expression], table: str, role: str) -> Iterator[str]:
    names = {column.name for each in assignments for column in each.this.find_all(exp.Column)}
    if "tenant_id" in names:
        yield f"{table}: tenant_id of a row is changed"
    if names & PLACE and role not in MOVERS:
        yield f"{table}: {', '.join(sorted(names & PLACE))} of a row is changed"
    if any(_calls(each, VOLATILE) for each in assignments):
        yield f"{table}: a volatile function in SET is refused on distributed tables"


VOLATILE = frozenset({"clock_timestamp", "random", "nextval", "gen_random_uuid", "timeofday", "setval"})
NOT_IMMUTABLE = VOLATILE | {"now", "current_setting", "statement_timestamp", "transaction_timestamp"}


def _judge_returning(node: exp.Expression, table: str) -> Iterator[str]:
    returning = node.args.get("returning")
    if returning is not None and _calls(returning, NOT_IMMUTABLE):
        yield f"{table}: a function in RETURNING that is not immutable is refused on distributed tables"


def _calls(node: exp.Expression, names: frozenset[str]) -> bool:
    if names is NOT_IMMUTABLE and node.find(exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime):
        return True
    called = node.find_all(exp.Anonymous, exp.Func)
    return any(call.name.lower() in names or call.key in names for call in called)


@dataclass
class _Block:
    """One SELECT, INSERT, UPDATE or DELETE, possibly inside another, and what it compares."""

    node: exp.Expression
    outer: _Block | None
    tables: dict[str, str] = field(default_factory=dict)
    implied: defaultdict[Node | None, set[Node]] = field(default_factory=lambda: defaultdict(set))
    """What is fixed once a column is; `None` stands for what is fixed from the beginning."""

    def __post_init__(self) -> None:
        for table in self._own(exp.Table):
            if not isinstance(table.parent, exp.Lock):
                self.tables[table.alias_or_name] = table.name
        self.sources = set(self.tables) | {s.alias for s in self._own(exp.Subquery, exp.Lateral) if s.alias}
        where = self.node.args.get("where")
        self._compare(where.this if where else None)
        for join in self._own(exp.Join):
            self._join(join)

    @property
    def target(self) -> str | None:
        """The alias of the table that is written."""
        if isinstance(self.node, exp.Select):
            return None
        this = self.node.this.this if isinstance(self.node.this, exp.Schema) else self.node.this
        return str(this.alias_or_name)

    def bound(self, role: str) -> tuple[set[str], set[str]]:
        """Return the aliases that are bound to one tenant, and those that may be read in the role."""
        fixed = self.fixed()
        bound = {alias for alias, column in fixed if column == "tenant_id"}
        readable = {(alias, "tenant_id") for alias, column in fixed if self._stands_in(role, alias, column)}
        if self.outer is not None:
            around = self.outer.bound(role)[1] - self.sources
            readable |= {(alias, "tenant_id") for alias in around}
        return bound, bound | {alias for alias, column in self._reach(readable) if column == "tenant_id"}

    def fixed(self) -> set[Node]:
        """Return the columns that equal a value, those of the blocks around included."""
        around = self.outer.fixed() if self.outer else set()
        return self._reach(self.implied[None] | {node for node in around if node[0] not in self.sources})

    def _stands_in(self, role: str, alias: str, column: str) -> bool:
        table = self.tables.get(alias, "")
        return (role, table, column) in OTHER_KEYS or (role, "*", column) in OTHER_KEYS

    def _reach(self, start: set[Node]) -> set[Node]:
        found, waiting = set(start), list(start)
        while waiting:
            new = self.implied[waiting.pop()] - found
            found |= new
            waiting += new
        return found

    def _own(self, *kinds: type[exp.Expression]) -> Iterator[exp.Expression]:
        """Yield the nodes of a kind that belong to this block and to none inside it."""
        waiting = [self.node]
        while waiting:
            for child in waiting.pop().iter_expressions():
                if isinstance(child, kinds):
                    yield child
                if not isinstance(child, BLOCKS):
                    waiting.append(child)

    def _join(self, join: exp.Join) -> None:
        if join.side in ("RIGHT", "FULL"):
            return
        self._compare(join.args.get("on"), only_into=join.this.alias_or_name if join.side == "LEFT" else None)

    def _compare(self, condition: exp.Expression | None, only_into: str | None = None) -> None:
        """Note the equalities that hold for every row: those joined by AND, not those below OR or NOT."""
        if condition is None:
            return
        condition = condition.unnest()
        if isinstance(condition, exp.And):
            self._compare(condition.left, only_into)
            self._compare(condition.right, only_into)
        elif isinstance(condition, exp.EQ):
            left, right = condition.left.unnest(), condition.right.unnest()
            for known, column in ((left, right), (right, left)):
                node = self._column(column)
                if node is not None and only_into in (None, node[0]):
                    source = self._column(known)
                    if source is not None or _is_value(known):
                        self.implied[source].add(node)

    def _column(self, node: exp.Expression) -> Node | None:
        if not isinstance(node, exp.Column):
            return None
        if node.table:
            return node.table, node.name
        return (next(iter(self.sources)), node.name) if len(self.sources) == 1 else None


def _is_value(node: exp.Expression) -> bool:
    while isinstance(node, exp.Cast | exp.Neg | exp.Paren):
        node = node.this
    return isinstance(node, exp.Parameter | exp.Placeholder | exp.Literal)
