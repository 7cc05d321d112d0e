"""What foundation brings to the house: the register of users."""

from minzheng.kernel.foundation.packs import Manifest

ROOM = Manifest(
    name="foundation",
    title="平台",
    registers=(
        "minzheng.kernel.foundation.screens.users",
    ),
)
