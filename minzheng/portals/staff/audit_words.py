"""The verbs of the audit trail in words; one that is not here stays as it is."""

from __future__ import annotations

WORDS = {
    "session.opened": "登录", "session.refused": "登录被拒", "session.locked": "登录锁定", "session.closed": "退出",
    "user.create": "建立用户", "user.open": "开立账号", "user.grant": "授权", "user.deactivate": "停用账号", "user.activate": "启用账号",
    "user.reset_password": "重置密码", "user.unlock": "解除锁定", "user.reset_second_factor": "重置第二因素",
    "account.change_password": "修改密码", "account.second_factor_on": "启用第二因素", "account.second_factor_off": "关闭第二因素",
    "alert.read": "查看预警", "alert.raise": "系统发现", "alert.assigned": "派单", "alert.visited": "入户", "alert.closed": "办结",
    "alert.reopened": "重开", "alert.escalated": "逾期升级", "alert.pooled": "转镇街派单", "alert.list": "列出预警",
    "household.open": "打开家庭档案", "identity.reveal": "查看完整信息", "person.search_id": "按证件号查找", "person.known": "知悉人员",
    "feed.import": "导入数据", "register.open": "打开台账记录", "register.export": "导出台账", "audit.verify": "校验审计链", "audit.export": "导出审计",
    "benefits.open": "查看待遇核算", "benefits.print": "打印待遇核算", "benefits.freeze": "冻结快照", "benefits.compute": "核算发放",
    "benefits.submit": "提交发放", "benefits.approve": "审批发放", "benefits.reject": "退回发放", "benefits.pause": "暂停待遇",
    "benefits.fix": "固定金额", "benefits.lift": "解除处置", "review.open": "查看待遇复核", "review.hear": "登记当事人意见",
    "review.decide": "决定复核", "recovery.decide": "决定追回",
    "payment.create": "编制支付批次", "payment.approve": "复核支付批次", "payment.cancel": "撤销支付", "payment.send": "发出支付", "payment.file": "取出渠道文件",
    "payment.return": "回盘入账", "payment.settle": "处理退回", "payment.retry": "转待重发", "payment.park": "暂缓支付", "payment.unpark": "恢复支付",
    "payment.reveal": "查看收款账户", "payment.recover": "立追回", "payment.repay": "登记退缴", "ledger.fund": "登记拨入资金", "ledger.post": "手工记账",
    "citizen.sign_in": "群众登录", "citizen.sign_in_refused": "群众登录被拒", "citizen.acts_for": "登记代办", "citizen.limited": "超限被拒",
    "case.read": "查看办件", "case.read_refused": "查看办件被拒", "case.paper": "出具文书", "case.paper_open": "打开材料", "bundle.apply": "一件事申请",
    "authorisation.sign": "签核对授权", "authorisation.revoke": "撤回授权", "check.run": "信息核对", "check.refused": "核对被拒", "promise.draw": "抽查承诺",
    "ledger.close": "月结", "clock.set": "设定业务日期", "calendar.set": "维护日历", "divisions.load": "载入区划",
}  # fmt: skip


def verb_words(verb: str) -> str:
    """'alert.read' → '查看预警'."""
    return WORDS.get(verb, verb)
