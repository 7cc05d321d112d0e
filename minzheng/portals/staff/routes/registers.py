"""台账: the same pages for every register, each under the capability and with the key that the register declares."""

from __future__ import annotations

from django.urls import URLPattern, path

from minzheng.kernel.foundation.registers import Register, registers
from minzheng.portals.staff.registers import exports, forms, lists, maps, records
from minzheng.portals.staff.registers.subjects import route


def _routes(register: Register) -> list[URLPattern]:
    base = f"registers/{register.slug}/"
    one = f"{base}<int:{register.record}>/"
    found = [
        path(base, lists.list_view(register), name=route(register)),
        path(f"{base}views/", lists.views_view(register), name=route(register, "views")),
        path(one, records.record_view(register), name=route(register, "record")),
    ]
    if register.export:
        found.append(path(f"{base}export/", exports.export_view(register), name=route(register, "export")))
    if register.edit:
        found.append(path(f"{one}edit/", forms.edit_view(register), name=route(register, "edit")))
    if maps.point_of(register):
        found.append(path(f"{one}map.json", maps.map_view(register), name=route(register, "map")))
    return found


urlpatterns = [
    path("registers/", lists.index, name="registers"),
    path("registers/exports/", exports.exports, name="register_exports"),
    path("registers/exports/file/", exports.download, name="register_export_file"),
    *(pattern for register in registers().values() for pattern in _routes(register)),
]
