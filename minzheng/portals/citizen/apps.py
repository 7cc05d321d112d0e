from django.apps import AppConfig


class CitizenConfig(AppConfig):
    name = "minzheng.portals.citizen"
    label = "citizen"
    verbose_name = "群众端"
