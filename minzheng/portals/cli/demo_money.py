"""The demo's money: months reckoned by the night are submitted, approved by another, paid out through the simulators."""

from __future__ import annotations

from datetime import date

import typer

from minzheng.kernel.benefits import actions as benefits
from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.models import Run
from minzheng.kernel.benefits.months import terms_of
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.divisions.queries import management_units
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.foundation.queries import user_named
from minzheng.kernel.ledger import actions as ledger
from minzheng.kernel.ledger import queries as books
from minzheng.kernel.rules.language import Month

CLERK, APPROVER = "daiyu", "shenpi"
GRANT_FEN = 200_000_000  # what each level gives a purse in each board at the beginning of the year
USERS = [(CLERK, "待遇 林悦", "benefits_clerk"), (APPROVER, "审批 何岚", "benefits_approver")]


def open_books(night: date) -> None:
    """Before the first month is reckoned: what the roster pays is taken over. Repeating it does nothing."""
    with clock.use(night):
        if queries.may_open(_actor(CLERK)):
            for row in benefits.take_opening(month=Month(night.replace(day=1)).before, by=_actor(CLERK)):
                typer.echo(f"  期初在享 {row.title}：{sum(each['units'] for each in row.totals.values()):,} 项")


def pay_month(night: date, *, only_submit: bool = False) -> None:
    """What happens after a night that reckoned the month before: submitted, approved, paid; or left for approval.

    Repeating it does nothing: verbs on what is done give back what is there.
    """
    month = Month(night.replace(day=1)).before
    clerk, approver = _actor(CLERK), _actor(APPROVER)
    with clock.use(night):
        run = queries.runs(clerk, month=str(month), kind=Run.Kind.REGULAR).first()
        if run is None:
            typer.echo(f"  {month} 没有可发放的批次")
            return
        if run.state == Run.State.DRAFT:
            run = benefits.submit_run(run=run, by=clerk)
        if only_submit or run.state != Run.State.SUBMITTED:
            return
        _receive_funds(month, clerk)
        benefits.approve_run(run=run, by=approver)
        paid = 0
        for batch in books.batches(approver, month=month.first):
            ledger.approve_batch(batch_id=batch.pk, by=approver)
            ledger.send_batch(batch_id=batch.pk, by=clerk)
            paid += batch.amount_fen
    typer.echo(f"  {month} 待遇：{run.snapshot.rows:,} 人的快照，发出 {yuan(paid)}")


def _actor(name: str) -> Actor:
    user = user_named(name)
    assert user is not None
    return Actor.of(user)


def _receive_funds(month: Month, by: Actor) -> None:
    terms = terms_of(month)
    for programme in programmes().values():
        if not programme.rule.pays:
            continue
        for level in programme.split(terms.values[programme.name]):
            for unit in management_units(month.first):
                ledger.receive_funds(
                    level=level, purse=programme.purse, district=unit.slug, amount_fen=GRANT_FEN, by=by,
                    key=f"{month.first.year}:{programme.purse}:{level}:{unit.slug}", memo="年初预算",
                )  # fmt: skip
