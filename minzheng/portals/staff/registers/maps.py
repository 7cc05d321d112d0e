"""Where one record is, as GeoJSON for the map component."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase, JsonResponse

from minzheng.kernel.foundation.registers import MapPoint, Register
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.registers.records import found_record, heading

View = Callable[..., HttpResponseBase]


def point_of(register: Register) -> MapPoint | None:
    """The map panel of a register, if it has one."""
    return next((panel for panel in register.panels if isinstance(panel, MapPoint)), None)


def map_view(register: Register) -> View:
    """A FeatureCollection with the record's point, or with nothing when it has no position."""

    @page(register.capability)
    def view(request: StaffRequest, /, **keys: int) -> JsonResponse:
        record = found_record(register, keys[register.record], request.actor)
        panel = point_of(register)
        where = [getattr(record, panel.longitude), getattr(record, panel.latitude)] if panel else [None]
        features = [] if None in where else [{
            "type": "Feature", "geometry": {"type": "Point", "coordinates": where},
            "properties": {"step": "point", "name": heading(register, record, request.actor)},
        }]  # fmt: skip
        return JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")

    return view
