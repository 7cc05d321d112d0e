"""Today is what the deployment says, never what the machine says."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import LazySettings

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.home import Home


def test_a_stretch_of_work_has_its_own_day() -> None:
    with clock.use(date(2024, 10, 31)):
        assert clock.business_date() == date(2024, 10, 31)
        with pytest.raises(KeyError), clock.use(date(2024, 11, 1)):
            raise KeyError
        assert clock.business_date() == date(2024, 10, 31)
    assert clock.business_date() == date(2024, 6, 3)


def test_otherwise_the_deployment_is_asked(settings: LazySettings) -> None:
    settings.BUSINESS_TODAY = lambda: date(2020, 2, 29)
    token = clock._today.set(None)
    try:
        assert clock.business_date() == date(2020, 2, 29)
    finally:
        clock._today.reset(token)


def test_a_deployment_is_closed_to_others_and_says_when_it_is_synthetic(home: Home) -> None:
    for folder in (home.root, home.lake, home.vault, home.quarantine, home.uploads, home.work, home.keys):
        assert folder.stat().st_mode & 0o077 == 0
    assert not home.is_synthetic()
    home.mark_synthetic()
    assert home.is_synthetic()
