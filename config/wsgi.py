"""The WSGI application; it does not come up on a database role that could bypass row-level security."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")

application = get_wsgi_application()

from tenants.startup import refuse_unsafe_role  # noqa: E402

refuse_unsafe_role()
