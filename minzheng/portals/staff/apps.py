from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "minzheng.portals.staff"
    label = "staff"
    verbose_name = "办公端"
