from django.apps import AppConfig


class BenefitsConfig(AppConfig):
    name = "minzheng.kernel.benefits"
    label = "benefits"
    verbose_name = "待遇"
