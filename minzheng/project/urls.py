"""All routes of the deployment: each portal brings its own."""

from django.urls import include, path

urlpatterns = [path("citizen/", include("minzheng.portals.citizen.urls")), path("", include("minzheng.portals.staff.urls"))]

handler403 = "minzheng.project.errors.forbidden"
handler404 = "minzheng.project.errors.not_found"
handler500 = "minzheng.project.errors.server_error"
