"""The deployment's own pseudonymiser; pseudonyms.py itself knows no deployment."""

from __future__ import annotations

from django.conf import settings

from minzheng.kernel.foundation.pseudonyms import Pseudonymiser


def pseudonymiser() -> Pseudonymiser:
    """The pseudonymiser under this deployment's key."""
    return Pseudonymiser(settings.HOME.secret("pseudonym"))
