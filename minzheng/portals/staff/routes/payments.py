"""待遇发放 · 支付: batches, files, payments one by one, the books and their months."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views.payments import batch, batches, books, files, line, lines

urlpatterns = [
    path("benefits/payments/", batches.payment_batches, name="payment_batches"),
    path("benefits/payments/collect/", batches.collect_payments, name="collect_payments"),
    path("benefits/payments/settle/", batches.settle_payments, name="settle_payments"),
    path("benefits/payments/jobs/<int:job_id>/", files.payment_job, name="payment_job"),
    path("benefits/payments/months/", books.payment_months, name="payment_months"),
    path("benefits/payments/months/close/", books.close_payment_month, name="close_payment_month"),
    path("benefits/payments/months/funds/", books.receive_payment_funds, name="receive_payment_funds"),
    path("benefits/payments/statement/", books.payment_statement, name="payment_statement"),
    path("benefits/payments/balance/", books.payment_balance, name="payment_balance"),
    path("benefits/payments/claims/", books.payment_claims, name="payment_claims"),
    path("benefits/payments/files/<int:channel_file_id>/", files.payment_file, name="payment_file"),
    path("benefits/payments/lines/<int:payment_line_id>/", line.payment_line, name="payment_line"),
    path("benefits/payments/lines/<int:payment_line_id>/reveal/", line.reveal_payment_line, name="reveal_payment_line"),
    path("benefits/payments/lines/<int:payment_line_id>/act/", line.act_on_payment_line, name="act_on_payment_line"),
    path("benefits/payments/lines/<int:payment_line_id>/claim/", line.claim_payment_line, name="claim_payment_line"),
    path("benefits/payments/lines/<int:payment_line_id>/write-off/", line.propose_payment_write_off, name="propose_payment_write_off"),
    path("benefits/payments/lines/<int:payment_line_id>/write-off/decide/", line.decide_payment_write_off, name="decide_payment_write_off"),
    path("benefits/payments/<int:payment_batch_id>/", batch.payment_batch, name="payment_batch"),
    path("benefits/payments/<int:payment_batch_id>/approve/", batch.approve_payment_batch, name="approve_payment_batch"),
    path("benefits/payments/<int:payment_batch_id>/send/", batch.send_payment_batch, name="send_payment_batch"),
    path("benefits/payments/<int:payment_batch_id>/cancel/", batch.cancel_payment_batch, name="cancel_payment_batch"),
    path("benefits/payments/<int:payment_batch_id>/returns/", files.take_payment_return, name="take_payment_return"),
    path("benefits/payments/<int:payment_batch_id>/lines/", lines.payment_lines, name="payment_lines"),
    path("benefits/payments/<int:payment_batch_id>/lines/act/", lines.act_on_payment_lines, name="act_on_payment_lines"),
]
