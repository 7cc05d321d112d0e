"""What the staff portal brings to the house: writing registers out and work on payments, both long."""

from minzheng.kernel.foundation.packs import Manifest

ROOM = Manifest(name="staff", title="办公端", jobs=("minzheng.portals.staff.registers.jobs", "minzheng.portals.staff.payment_jobs"))
