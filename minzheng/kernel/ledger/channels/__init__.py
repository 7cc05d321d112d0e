"""Payment channels: how each wants its file, how it answers, and a simulator that stands for it in the demo."""

from __future__ import annotations

from django.conf import settings

from minzheng.kernel.ledger.channels.bank import BankFile
from minzheng.kernel.ledger.channels.channel import Channel, Counterpart, Form, Unmanned
from minzheng.kernel.ledger.channels.e_cny import WalletFile
from minzheng.kernel.ledger.channels.simulator import Behaviour, Simulator
from minzheng.kernel.ledger.channels.social_security_card import CardFile
from minzheng.kernel.ledger.errors import LedgerError

_FORMS: tuple[Form, ...] = (BankFile(), CardFile(), WalletFile())
FORMS = {form.name: form for form in _FORMS}
# Of ten thousand accounts or payments: how each stand-in behaves. The card office knows nearly everybody.
BEHAVIOURS = {
    "bank": Behaviour(without_account=40, closed=25, misnamed=15, frozen=10, busy=20, delayed=150, sent_back=8),
    "social_security_card": Behaviour(without_account=30, closed=8, misnamed=10, frozen=12, busy=10, delayed=80, sent_back=4),
    "e_cny": Behaviour(without_account=600, closed=12, misnamed=5, frozen=8, busy=30, delayed=20, sent_back=2),
}
SEED = 20240101


def channel(name: str) -> Channel:
    """A channel with whoever answers behind it: the simulator in a deployment of synthetic people, elsewhere nobody: there
    accounts come with the lines, files are carried by hand or by the deployment's own transport. Raises LedgerError."""
    if name not in FORMS:
        raise LedgerError(f"没有“{name}”这个支付渠道；可用：{'、'.join(FORMS)}")
    form = FORMS[name]
    counterpart: Counterpart = Simulator(form, SEED, BEHAVIOURS[name]) if settings.SYNTHETIC else Unmanned()
    return Channel(form, counterpart)


def titles() -> dict[str, str]:
    """name → title of all channels."""
    return {name: form.title for name, form in FORMS.items()}
