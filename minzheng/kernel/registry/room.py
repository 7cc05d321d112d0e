"""What registry brings to the house: the registers of people, households, organisations and facilities, and a step of the
night that looks after the search index."""

from minzheng.kernel.foundation.packs import Manifest
from minzheng.kernel.foundation.rounds import Step
from minzheng.kernel.registry.search.actions import heal

ROOM = Manifest(
    name="registry",
    title="人口家庭机构",
    registers=(
        "minzheng.kernel.registry.screens.people",
        "minzheng.kernel.registry.screens.households",
        "minzheng.kernel.registry.screens.organisations",
        "minzheng.kernel.registry.screens.facilities",
    ),
    steps=(Step("heal_search", "补齐检索索引", heal),),
)
