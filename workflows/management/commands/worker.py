"""Run the worker: it fires timers. Any number may run; each job is done by one."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from tenants.startup import refuse_unsafe_role


class Command(BaseCommand):
    help = "Run the worker that fires timers."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_unsafe_role()
        call_command("procrastinate", "worker", "--delete-jobs", "successful", "--concurrency", "1")
