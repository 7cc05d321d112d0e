from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "minzheng.kernel.feeds"
    label = "feeds"
    verbose_name = "数据"
