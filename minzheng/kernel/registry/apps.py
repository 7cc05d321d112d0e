from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "minzheng.kernel.registry"
    label = "registry"
    verbose_name = "人口与家庭"
