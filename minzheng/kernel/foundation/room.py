"""What foundation brings to the house: the register of users."""

from minzheng.kernel.foundation.packs import Manifest

ROOM = Manifest(
    name="foundation",
    title="平台",
    registers=(
        "minzheng.kernel.foundation.screens.users",
    ),
    glossary={"台账": "minzheng/kernel/foundation/registers.py", "常用视图": "minzheng/kernel/foundation/register_use"},
)
