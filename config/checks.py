"""What `make check` asks of a running database: migrations, the API's schema, deployment settings."""

from __future__ import annotations

import os
import subprocess
import sys

CHECKS: tuple[tuple[str, list[str], dict[str, str]], ...] = (
    ("the roles and the database can be made", ["database", "prepare"], {}),
    ("the migrations apply", ["migrate", "-v0"], {}),
    ("migrations match the models", ["makemigrations", "--check", "--dry-run"], {}),
    ("the API's schema is committed", ["sdl", "--check"], {}),
    (
        "the production settings are safe",
        ["check", "--deploy", "--fail-level", "WARNING"],
        {
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "LIANXI_SECRET_KEY": "checked-but-never-used-" + "kz7!q" * 10,
            "LIANXI_ID_NUMBER_KEY": "checked-but-never-used",
            "LIANXI_HOSTS": "lianxi.example",
            "DATABASE_URL": "postgresql://lianxi_app@localhost/lianxi",
        },
    ),
)


def main() -> int:
    """Run each check in a process of its own; return 1 if one failed."""
    failed = [name for name, arguments, extra in CHECKS if not _holds(name, arguments, extra)]
    for name in failed:
        print(f"FAILED: {name}", file=sys.stderr)
    return 1 if failed else 0


def _holds(name: str, arguments: list[str], extra: dict[str, str]) -> bool:
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments], env={**os.environ, **extra}, check=False
    )
    if result.returncode == 0:
        print(f"ok: {name}")
    return result.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
