"""What feeds brings to the house: steps of the night."""

from minzheng.kernel.feeds.acquaintance import refresh_known
from minzheng.kernel.feeds.contracts import fact_kinds
from minzheng.kernel.feeds.lateness import tell_late
from minzheng.kernel.feeds.registers.actions import carry_registers
from minzheng.kernel.foundation.packs import Manifest
from minzheng.kernel.foundation.rounds import Step

ROOM = Manifest(
    name="feeds",
    title="数据",
    steps=(
        Step("refresh_known", "更新在册人员与家庭", refresh_known),
        Step("carry_registers", "补登机构和设施台账", carry_registers),
        Step("tell_late", "提醒逾期未到的数据", tell_late),
    ),
    jobs=("minzheng.kernel.feeds.delivery",),
    fact_kinds=fact_kinds,
    glossary={"数据目录": "minzheng/kernel/feeds/contracts", "隔离": "minzheng/kernel/feeds/quarantine.py",
              "数据湖": "minzheng/kernel/feeds/lake.py", "身份库": "minzheng/kernel/feeds/identities.py"},  # fmt: skip
)
