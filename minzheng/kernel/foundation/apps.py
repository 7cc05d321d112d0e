from typing import Any

from django.apps import AppConfig
from django.core import checks


class FoundationConfig(AppConfig):
    name = "minzheng.kernel.foundation"
    label = "foundation"
    verbose_name = "基础"

    def ready(self) -> None:
        checks.register(_declarations, "minzheng")


def _declarations(**_options: Any) -> list[checks.CheckMessage]:
    """Roles, manifests and registers are read when the program starts, so that a wrong one stops it and not a night's round."""
    from minzheng.kernel.foundation.access import roles
    from minzheng.kernel.foundation.declared import DeclarationError
    from minzheng.kernel.foundation.packs import ManifestError, manifests
    from minzheng.kernel.foundation.register_checks import RegisterError
    from minzheng.kernel.foundation.registers import registers

    try:
        roles()
        manifests()
        registers()
    except (DeclarationError, ManifestError, RegisterError) as error:
        return [checks.Error(str(error), id="minzheng.E001")]
    return []
