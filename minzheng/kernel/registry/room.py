"""What registry brings to the house: the registers of people, households, organisations and facilities."""

from minzheng.kernel.foundation.packs import Manifest

ROOM = Manifest(
    name="registry",
    title="人口家庭机构",
    registers=(
        "minzheng.kernel.registry.screens.people",
        "minzheng.kernel.registry.screens.households",
        "minzheng.kernel.registry.screens.organisations",
        "minzheng.kernel.registry.screens.facilities",
    ),
)
