"""What divisions brings to the house: the registers of both geographies."""

from minzheng.kernel.foundation.packs import Manifest

ROOM = Manifest(
    name="divisions",
    title="行政区划",
    registers=(
        "minzheng.kernel.divisions.screens.divisions",
        "minzheng.kernel.divisions.screens.management_units",
    ),
)
