"""A form sent twice: what is carried out once, and where the second sender is led."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect
from django.test import Client, RequestFactory

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.monitoring.models import AlertStep
from minzheng.portals.staff import once
from tests.portals.staff.world import World

AsRole = Callable[[str], Client]


def assignment(world: World, **more: Any) -> dict[str, Any]:
    return {"to": world.users["town_official"].pk, "version": world.alerts[0].version, "form_token": "one", **more}


def handed_over(world: World) -> int:
    return AlertStep.objects.filter(alert=world.alerts[0], verb="assigned", by="district_official").count()


def asked(world: World, role: str = "town_official", path: str = "/somewhere/", token: str = "one") -> Any:
    request: Any = RequestFactory().post(path, {"form_token": token})
    request.user = world.users[role]
    request.actor = Actor.of(request.user)
    request._messages = type("Kept", (list,), {"add": lambda self, level, text, tags: self.append(text)})()
    return request


def test_the_second_sending_is_led_to_what_came_of_the_first(world: World, as_role: AsRole) -> None:
    client, url = as_role("district_official"), f"/alerts/{world.alerts[0].pk}/assign/"
    first = client.post(url, assignment(world))
    second = client.post(url, assignment(world), follow=True)
    assert handed_over(world) == 1
    assert second.redirect_chain == [(first["Location"], 302)]
    assert once.TWICE in second.content.decode()


def test_another_form_or_another_user_is_not_held_back(world: World) -> None:
    done: list[str] = []

    def answer(name: str) -> Callable[[], HttpResponse]:
        return lambda: (done.append(name), redirect("/done/"))[1]

    once.carried_out_once(asked(world), answer("first"))
    once.carried_out_once(asked(world), answer("again"))
    once.carried_out_once(asked(world, token="two"), answer("another form"))
    once.carried_out_once(asked(world, path="/elsewhere/"), answer("another page"))
    once.carried_out_once(asked(world, role="grid_worker"), answer("another user"))
    once.carried_out_once(asked(world, token=""), answer("no token"))
    once.carried_out_once(asked(world, token=""), answer("no token"))
    assert done == ["first", "another form", "another page", "another user", "no token", "no token"]


def test_a_form_that_came_back_with_errors_or_failed_can_be_sent_again(world: World) -> None:
    def broken() -> HttpResponse:
        raise RuntimeError("the disk is full")

    assert once.carried_out_once(asked(world), lambda: HttpResponse(status=422)).status_code == 422
    with pytest.raises(RuntimeError):
        once.carried_out_once(asked(world), broken)
    assert once.carried_out_once(asked(world), lambda: redirect("/done/")).status_code == 302


def test_a_first_sending_that_died_does_not_hold_the_form_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once, "PATIENCE", 0.2)
    request = asked(world)
    key = once._key(request, "one")
    assert once._take(key)
    still = once.carried_out_once(request, lambda: redirect("/done/"))
    assert still.status_code == 409 and "还在办理" in still.content.decode()  # type: ignore[attr-defined]
    monkeypatch.setattr(once, "ABANDONED", -1.0)
    assert once.carried_out_once(request, lambda: redirect("/done/")).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_wait_for_the_first(world: World) -> None:
    done, answers = [], []

    def answer() -> HttpResponse:
        done.append(1)
        time.sleep(0.4)
        return redirect("/done/")

    def send() -> None:
        answers.append(once.carried_out_once(asked(world), answer).headers["Location"])
        connection.close()

    both = [threading.Thread(target=send) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(done) == 1 and answers == ["/done/", "/done/"]
