from django.apps import AppConfig


class DivisionsConfig(AppConfig):
    name = "minzheng.kernel.divisions"
    label = "divisions"
    verbose_name = "区划"
