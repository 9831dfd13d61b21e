"""Run the benchmarks: `python -m bench [NAME…]`, each on a database server of its own.

The last line that a benchmark prints is one JSON object with its figures.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
OWN = {"__init__", "__main__", "place"}


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in OWN)


def run(name: str) -> int:
    """Run one benchmark on a new server, whose data goes with it; return its exit code."""
    print(f"== {name}", flush=True)
    with tempfile.TemporaryDirectory(prefix="lianxi-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the server may run as another account
        environment = {
            **os.environ,
            "LIANXI_VAR": folder,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
        }
        for variable in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"):
            environment.pop(variable, None)
        command = [sys.executable, "-m", "config.localpg", f"{folder}/pg", "--"]
        return subprocess.run(
            [*command, sys.executable, "-m", f"bench.{name}"], env=environment, check=False
        ).returncode


def main(chosen: list[str]) -> int:
    unknown = set(chosen) - set(names())
    if unknown:
        print(f"There is no benchmark {', '.join(sorted(unknown))}. There are: {', '.join(names())}.")
        return 2
    return max(run(name) for name in chosen or names())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
