"""Routes of the staff portal, one module of `routes` for each place in the rail.

Each view says through `@page` which capability it needs. The names of the parameters in an address say what the
address is about; the test matrix finds something inside and outside a jurisdiction for each of them.
"""

from __future__ import annotations

from minzheng.portals.staff.routes import (
    accounts,
    alerts,
    benefits,
    cases,
    city_map,
    data,
    desk,
    households,
    notifications,
    payments,
    places,
    plan,
    policy,
    registers,
    search,
    session,
    statistics,
)

app_name = "staff"
urlpatterns = [
    *session.urlpatterns,
    *accounts.urlpatterns,
    *desk.urlpatterns,
    *alerts.urlpatterns,
    *households.urlpatterns,
    *cases.urlpatterns,
    *city_map.urlpatterns,
    *data.urlpatterns,
    *notifications.urlpatterns,
    *payments.urlpatterns,
    *places.urlpatterns,
    *plan.urlpatterns,
    *benefits.urlpatterns,
    *policy.urlpatterns,
    *registers.urlpatterns,
    *search.urlpatterns,
    *statistics.urlpatterns,
]
