from django.apps import AppConfig


class DisabilityConfig(AppConfig):
    name = "minzheng.domains.disability"
    label = "disability"
    verbose_name = "残疾人福利"
