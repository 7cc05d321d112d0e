"""待遇发放: what amounts rest on, and trying other parameters."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.staff.views import parameters, simulator

urlpatterns = [
    path("benefits/parameters/", parameters.benefit_parameters, name="benefit_parameters"),
    path("benefits/parameters/changes/<int:change_id>/", parameters.parameter_change, name="parameter_change"),
    path("benefits/parameters/changes/<int:change_id>/decide/", parameters.decide_change, name="decide_change"),
    path("benefits/parameters/<slug:scope>/<slug:name>/", parameters.benefit_parameter, name="benefit_parameter"),
    path("benefits/parameters/<slug:scope>/<slug:name>/propose/", parameters.propose, name="propose_parameter"),
    path("benefits/simulator/", simulator.simulator, name="simulator"),
    path("benefits/simulator/keep/", simulator.keep_variant, name="keep_variant"),
    path("benefits/variants/", simulator.variants, name="variants"),
    path("benefits/variants/drop/", simulator.drop_variant, name="drop_variant"),
]
