#!/usr/bin/env python
"""Run a management command; on the running demo no setting is needed."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    try:
        from django.core.management import execute_from_command_line
        from django.db.utils import OperationalError
    except ImportError:
        print("Django is not installed here. Run `make setup`, then use .venv/bin/python.", file=sys.stderr)
        return 1
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        from config.database import HOW_TO_START

        if error.__cause__ is not None and getattr(error.__cause__, "sqlstate", None):
            raise
        print(f"{HOW_TO_START}\n({str(error).strip()})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
