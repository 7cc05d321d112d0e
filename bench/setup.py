"""Start Django in a benchmark's process over a deployment folder of its own."""

from __future__ import annotations

import os


def start() -> None:
    """Settings come from the environment (MINZHENG_HOME, DATABASE_URL), as for the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.project.settings")
    import django

    django.setup()
