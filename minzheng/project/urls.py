"""All routes of the deployment: each portal brings its own."""

from django.urls import include, path

urlpatterns = [path("", include("minzheng.portals.staff.urls"))]

handler403 = "minzheng.portals.staff.views.errors.forbidden"
handler404 = "minzheng.portals.staff.views.errors.not_found"
handler500 = "minzheng.portals.staff.views.errors.server_error"
