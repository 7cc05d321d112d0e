"""Writes one export that an official asked for; started by the portal, never by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from minzheng.portals.staff.registers import jobs


class Command(BaseCommand):
    """`python -m django make_export NUMBER`"""

    help = "写出一份台账导出（由办公端启动）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number")

    def handle(self, *_args: Any, **options: Any) -> None:
        job = jobs.load(options["number"])
        if job is None:
            raise CommandError("没有这份导出")
        try:
            jobs.make(job)
        except BaseException:
            jobs.fail(jobs.load(job.number) or job, "写文件时出错，没有导出任何数据；请重试，仍不行请联系系统管理员")
            raise
