"""Routes of the citizen portal, all under /citizen/. Each view says through `@page` whether it is public."""

from __future__ import annotations

from django.urls import path

from minzheng.portals.citizen.views import apply, benefits, cases, front, plan, session, signing

app_name = "citizen"
urlpatterns = [
    path("", front.home, name="home"),
    path("situations/<slug:key>/", front.situation, name="situation"),
    path("guide/", front.guide, name="guide"),
    path("guide/<slug:name>/", front.item, name="item"),
    path("notices/", front.notices, name="notices"),
    path("promises/", plan.promises, name="promises"),
    path("entitled/", front.entitled, name="entitled"),
    path("verify/", front.verify, name="verify"),
    path("verify/<slug:code>/", front.verify, name="verify_code"),
    path("display/", front.display, name="display"),
    path("sign-in/", session.sign_in, name="sign_in"),
    path("sign-in/code/", session.sign_in_code, name="sign_in_code"),
    path("sign-in/home/", session.sign_in_home, name="sign_in_home"),
    path("sign-out/", session.sign_out, name="sign_out"),
    path("family/", session.family, name="family"),
    path("my/", cases.my, name="my"),
    path("messages/", cases.messages, name="messages"),
    path("apply/<slug:name>/", apply.apply, name="apply"),
    path("together/<slug:name>/", apply.apply_bundle, name="apply_bundle"),
    path("together/case/<slug:number>/", cases.bundle, name="bundle"),
    path("together/case/<slug:number>/slip/", cases.bundle_slip, name="bundle_slip"),
    path("together/case/<slug:number>/sign/<int:person_id>/", signing.sign_bundle, name="sign_bundle"),
    path("signatures/", signing.signatures, name="signatures"),
    path("signatures/<slug:number>/<int:person_id>/", signing.sign_theirs, name="sign_theirs"),
    path("signatures/<int:authorisation_id>/revoke/", signing.revoke, name="revoke"),
    path("drafts/<slug:token>/", apply.save_draft, name="save_draft"),
    path("drafts/<slug:token>/discard/", apply.discard_draft, name="discard_draft"),
    path("cases/<slug:number>/", cases.case, name="case"),
    path("cases/<slug:number>/finish/", cases.finish, name="finish"),
    path("cases/<slug:number>/done/", cases.done, name="done"),
    path("cases/<slug:number>/edit/", cases.edit, name="edit"),
    path("cases/<slug:number>/attach/", cases.attach, name="attach"),
    path("cases/<slug:number>/papers/<int:paper_id>/", cases.paper, name="paper"),
    path("cases/<slug:number>/documents/<slug:kind>/", cases.document, name="document"),
    path("cases/<slug:number>/instead/", cases.instead, name="instead"),
    path("cases/<slug:number>/sign/<int:person_id>/", signing.sign, name="sign"),
    path("cases/<slug:number>/withdraw/", cases.withdraw, name="withdraw"),
    path("cases/<slug:number>/object/", cases.objection, name="object"),
    path("cases/<slug:number>/rate/", cases.rate, name="rate"),
    path("benefits/", benefits.mine, name="benefits"),
    path("payments/", benefits.payments, name="payments"),
]
