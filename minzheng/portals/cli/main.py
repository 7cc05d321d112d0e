"""The `minzheng` command: starts Django, brings the deployment up to date, hands over to the rooms' commands."""

from __future__ import annotations

import os
import sys

import typer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minzheng.project.settings")


def build() -> typer.Typer:
    """The command tree. Django must be ready before the rooms' modules are asked for their models."""
    import django

    django.setup()
    from minzheng.portals.cli import benefits, city, demo, deployment, feeds, monitoring, plan, search
    from minzheng.portals.cli.bootstrap import bring_up_to_date

    app = typer.Typer(no_args_is_help=True, add_completion=False, help="民政云命令行", pretty_exceptions_enable=False)

    @app.callback()
    def ready(context: typer.Context) -> None:
        if context.invoked_subcommand != "city":  # making files needs no database
            bring_up_to_date()

    app.add_typer(feeds.app, name="feeds")
    app.add_typer(city.app, name="city")
    app.add_typer(monitoring.alerts, name="alerts")
    app.add_typer(benefits.app, name="benefits")
    app.add_typer(plan.app, name="plan")
    app.add_typer(search.app, name="search")
    app.command("night")(monitoring.night)
    app.command("demo")(demo.demo)
    deployment.mount(app)
    return app


def run() -> None:
    """Entry point of the console script."""
    try:
        build()()
    except BrokenPipeError:  # the reader of our output went away (`| head`): not an error of ours
        sys.stderr.close()
        sys.exit(0)
