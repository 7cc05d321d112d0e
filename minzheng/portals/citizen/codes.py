"""One-time codes: six digits, kept as a hash, good for five minutes and five tries, counted by phone and by address.

Whether a number is known to anybody plays no part here: every number gets a code, so the answer says nothing.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.module_loading import import_string

from minzheng.kernel.registry.masking import mask_phone
from minzheng.portals.citizen.limits import within
from minzheng.portals.citizen.store import take

GOOD_FOR = 5 * 60  # seconds
TRIES = 5
PER_PHONE, PER_ADDRESS, WINDOW = 5, 30, 3600  # codes an hour; behind one address may sit a whole village
WRONG_PER_PHONE = 15  # tries an hour, over all codes of a number


class CodeError(Exception):
    """No code can be sent, or the code is not accepted; the message says what to do."""


class Sender(Protocol):
    """Takes a code to a phone. `shows`: it does not leave the server, the page shows it (demonstrations only)."""

    shows: bool

    def send(self, phone: str, code: str) -> None:
        """Send it. Raises CodeError when the channel does not work."""


class OnThePage:
    """The demonstration's sender: nothing is sent, the page shows the code and says that it is a demonstration."""

    shows = True

    def send(self, phone: str, code: str) -> None:
        """Nothing leaves the machine."""


class NotSetUp:
    """A deployment with real people and without a channel for messages signs nobody in."""

    shows = False

    def send(self, phone: str, code: str) -> None:
        """Refuse."""
        raise CodeError("短信通道还没有开通，现在不能网上登录；请到镇街窗口办理，或拨打 12345")


@cache
def _made(path: str) -> Sender:
    made: Sender = import_string(path)()
    return made


def sender() -> Sender:
    """The deployment's sender: setting CITIZEN_CODE_SENDER (a class), else the page for synthetic people, else none."""
    path = getattr(settings, "CITIZEN_CODE_SENDER", "") or f"{__name__}.{'OnThePage' if settings.SYNTHETIC else 'NotSetUp'}"
    return _made(path)


@dataclass(frozen=True)
class Sent:
    """A code that is on its way: what the session keeps of it, and the code itself if the page is to show it."""

    kept: dict[str, Any]
    shown: str


def send(phone: str, address: str, purpose: str) -> Sent:
    """Send a new code for a purpose. Raises CodeError when too many were asked for, or the channel does not work."""
    if not within("address", address, PER_ADDRESS, WINDOW, address):
        raise CodeError("这个网络一小时内要的验证码太多了，请过一会儿再试，或拨打 12345")
    if not within("phone", phone, PER_PHONE, WINDOW, mask_phone(phone)):
        raise CodeError("这个手机号一小时内要的验证码太多了，请过一会儿再试，或到镇街窗口办理")
    code, number = f"{secrets.randbelow(1_000_000):06d}", secrets.token_hex(16)
    channel = sender()
    channel.send(phone, code)
    kept = {"number": number, "hash": _hash(number, code, purpose), "until": time.time() + GOOD_FOR, "purpose": purpose}
    return Sent(kept, code if channel.shows else "")


def check(kept: dict[str, Any] | None, phone: str, code: str, purpose: str) -> None:
    """Accept a code once. Raises CodeError: none was sent, too old, wrong, or tried too often."""
    if not kept or kept["purpose"] != purpose or time.time() > kept["until"]:
        raise CodeError("验证码已过期，请重新获取")
    told = mask_phone(phone)
    if not within("tries", kept["number"], TRIES, WINDOW, told) or not within("tried", phone, WRONG_PER_PHONE, WINDOW, told):
        raise CodeError("验证码试错次数太多，已作废，请重新获取")
    if not constant_time_compare(kept["hash"], _hash(kept["number"], code.strip(), purpose)):
        raise CodeError("验证码不对，请核对短信后重填")
    if not take("used", kept["number"], 1, WINDOW):
        raise CodeError("验证码已用过，请重新获取")


def _hash(number: str, code: str, purpose: str) -> str:
    return salted_hmac("citizen.code", f"{purpose} {number} {code}", algorithm="sha256").hexdigest()
