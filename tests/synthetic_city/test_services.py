"""Organisations and facilities of the synthetic city: every row is taken in, lies in its village and says that it is invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from minzheng.kernel.divisions.actions import load_divisions
from minzheng.kernel.feeds.actions import import_file
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.registry.kinds import FACILITIES
from minzheng.kernel.registry.models import Facility, Organisation
from minzheng.synthetic_city.services import deliver_services


@pytest.mark.django_db
def test_everything_is_taken_into_the_registers(home: Home, tmp_path: Path) -> None:
    by = Actor.system("test")
    load_divisions(by=by)
    for delivered in deliver_services(out=tmp_path, seed=7):
        batch = import_file(contract=delivered.contract, path=delivered.path, as_of=delivered.as_of, by=by).batch
        assert (batch.quarantined, batch.reasons, batch.carried["refused"]) == (0, {}, 0)
        assert batch.carried["new"] == batch.accepted > 200
        assert import_file(contract=delivered.contract, path=delivered.path, as_of=delivered.as_of, by=by).already
    assert not Organisation.objects.filter(synthetic=False).exists()
    assert not Facility.objects.filter(synthetic=False).exists()
    assert not Facility.objects.filter(longitude__isnull=True).exists()
    assert set(Facility.objects.values_list("kind", flat=True)) <= set(FACILITIES) - {"other"}
    assert Facility.objects.filter(kind="care_home", capacity__gt=50).count() > 30


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    once, again = tmp_path / "once", tmp_path / "again"
    for folder in (once, again):
        folder.mkdir()
        deliver_services(out=folder, seed=7)
    assert [path.read_bytes() for path in sorted(once.iterdir())] == [path.read_bytes() for path in sorted(again.iterdir())]
