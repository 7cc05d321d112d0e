from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "minzheng.kernel.foundation"
    label = "foundation"
    verbose_name = "基础"
