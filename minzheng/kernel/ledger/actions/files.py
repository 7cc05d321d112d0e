"""What leaves the house in plain: a channel's file, and the account of one payment. Both go on record."""

from __future__ import annotations

from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.ledger import storage
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.ledger.models import ChannelFile, PaymentLine


def open_file(*, file_id: int, by: Actor) -> tuple[ChannelFile, bytes]:
    """A channel's file in plain, for carrying it there. Raises Forbidden, ChannelFile.DoesNotExist outside the jurisdiction,
    Unreadable when the sealed file was changed."""
    by.require("payments.manage")
    file = scoped(ChannelFile.objects.select_related("batch"), by).get(pk=file_id)
    content = storage.content_of(file.sha256)
    audit.record(by, "payment.file", f"payment_batch:{file.batch_id}", "取出渠道文件", file=file.number, sha256=file.sha256)
    return file, content


def reveal_line(*, line_id: int, by: Actor, why: str) -> tuple[str, str]:
    """Name and account of one payment in full. Raises Forbidden, PaymentLine.DoesNotExist outside the jurisdiction,
    LedgerError without a reason."""
    by.require("identity.reveal")
    if len(why.strip()) < 2:
        raise LedgerError("请选择查看事由")
    line = scoped(PaymentLine.objects.all(), by).get(pk=line_id)
    audit.record(by, "payment.reveal", f"payment_line:{line.pk}", why.strip()[:256])
    return line.payee_name, line.account
