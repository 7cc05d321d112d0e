"""Pages for everybody, the pre-check that keeps nothing, and what holds for every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from minzheng.kernel.casework.models import Publication
from minzheng.kernel.registry.models import Person
from minzheng.portals.citizen.urls import urlpatterns
from tests.house.product import ROOT
from tests.portals.citizen.application import sent
from tests.portals.staff.world import TODAY, World

pytestmark = pytest.mark.django_db
PUBLIC = {
    "home", "promises", "situation", "guide", "item", "notices", "entitled", "verify", "verify_code", "display", "sign_in", "sign_in_code", "sign_in_home",
}  # fmt: skip
VALUES: dict[str, Any] = {
    "key": "income_lost", "name": "minimum_living", "code": "ABCD", "number": "20240603-AAAAAAAA", "paper_id": 1, "person_id": 1, "authorisation_id": 1,
    "kind": "decision", "token": "ab" * 16,
}  # fmt: skip
HOUSEHOLD = {
    "members.0.age": "86", "members.0.disability": "1", "members.1.age": "50", "members.1.income_fen": "800", "hukou": "1", "obligor": "1",
    "savings_fen": "1000",
}  # fmt: skip


def address(pattern: Any) -> str:
    names = re.findall(r"<\w+:(\w+)>", str(pattern.pattern))
    return reverse(f"citizen:{pattern.name}", kwargs={name: VALUES[name] for name in names})


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: str(pattern.name))
def test_every_route_asks_for_a_sign_in_unless_it_is_public(pattern: Any, world: World) -> None:
    view: Any = pattern.callback
    assert view.public == (pattern.name in PUBLIC)
    where = address(pattern)
    got = Client().get(where)
    assert "no-store" in got.headers["Cache-Control"]
    if view.public:
        assert got.status_code in (200, 302, 404, 405)
        return
    assert got.status_code == (302 if "GET" in view.methods else 405)
    if "GET" in view.methods:
        assert got.headers["Location"].startswith("/citizen/sign-in/")
    if "POST" in view.methods:
        refused = Client().post(where, {})
        assert refused.status_code == 401
        assert "登录过期" in refused.content.decode()


@pytest.mark.parametrize("where", ["/citizen/", "/citizen/entitled/", "/citizen/sign-in/", "/citizen/nothing/", "/citizen/guide/minimum_living/"])
def test_the_policy_for_content_is_strict(where: str, world: World) -> None:
    answer = Client().get(where)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = answer.content.decode()
    assert not re.search(r"<style|style=|<script(?! type=\"module\" src)|\son\w+=|https?://", page)


def test_templates_hold_neither_scripts_nor_styles() -> None:
    for path in (ROOT / "minzheng/portals/citizen/templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|<script(?! type=\"module\" src)|\son\w+=|https?://|\|safe|autoescape off", text), path


def counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_the_precheck_answers_and_leaves_no_row(world: World) -> None:
    before, client = counts(), Client()
    answer = client.post("/citizen/entitled/", HOUSEHOLD)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "可能可以享受" in page
    assert "最低生活保障" in page
    assert "尊老金" in page
    assert "第 2 位家人" not in page.split("这次没有算到的")[0], "nobody is awarded who is 50 and sound"
    assert counts() == before
    assert "no-store" in answer.headers["Cache-Control"]
    assert set(client.cookies) <= {"csrftoken"}
    assert "依据：最低生活保障审核确认办法" in page or "依据：社会救助暂行办法" in page, "which law"
    assert "未核实" in page, "the standard is not confirmed"
    rich = client.post("/citizen/entitled/", {**HOUSEHOLD, "members.1.income_fen": "20000", "savings_fen": "900000"}).content.decode()
    assert "<h3>最低生活保障" not in rich, "the real rules, not a list"


def test_the_precheck_says_what_is_missing(world: World) -> None:
    answer = Client().post("/citizen/entitled/", {"members.0.age": "200", "savings_fen": "很多"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "不能大于 120" in page
    assert "不是金额" in page
    more = Client().post("/citizen/entitled/", {"members.0.age": "30", "add": "members"}).content.decode()
    assert 'name="members.1.age"' in more
    fewer = Client().post("/citizen/entitled/", {"members.0.age": "30", "members.1.age": "40", "remove": "members.1"}).content.decode()
    assert 'name="members.1.age"' not in fewer
    assert 'value="40"' in fewer


def test_the_finder_and_the_guide_say_what_is_needed(world: World) -> None:
    client = Client()
    home = client.get("/citizen/").content.decode()
    assert "没了收入或收入很少" in home
    assert "12345" in home
    assert "最低生活保障" in client.get("/citizen/situations/income_lost/").content.decode()
    guide = client.get("/citizen/guide/minimum_living/").content.decode()
    for words in ("不用交", "30 个工作日", "镇街民政工作人员", "依据", "有变化"):
        assert words in guide
    assert client.get("/citizen/guide/nothing/").status_code == 404
    assert client.get("/citizen/situations/nothing/").status_code == 404


def test_notices_are_masked_and_end(people: list[Person], enter: Callable[[int], Client]) -> None:
    case = sent(enter(0), people[0])
    shown = [["申请人", "王*兰"], ["村（社区）", "湖塘镇"]]
    for until, title in ((TODAY, "还挂着"), (TODAY - timedelta(days=1), "已到期")):
        Publication.objects.create(
            case=case, kind="publicity", step="publicity", title=title, division_code=case.division_code, shown=shown,
            posted_on=TODAY - timedelta(days=7), until=until,
        )  # fmt: skip
    page = Client().get("/citizen/notices/?place=320412").content.decode()
    assert "王*兰" in page
    assert "还挂着" in page
    assert "已到期" not in page
    assert people[0].name not in page
    assert "还挂着" not in Client().get("/citizen/notices/?place=320402").content.decode()


def test_large_mode_is_remembered(world: World) -> None:
    client = Client()
    assert client.post("/citizen/display/", {"large": "1", "next": "/citizen/guide/"}).headers["Location"] == "/citizen/guide/"
    assert '<html lang="zh-Hans" class="large">' in client.get("/citizen/").content.decode()
    assert client.post("/citizen/display/", {"large": "0", "next": "https://else.where/"}).headers["Location"] == "/citizen/"
    assert 'class="large"' not in client.get("/citizen/").content.decode()


def test_benefits_and_payments_are_one_s_own(enter: Callable[[int], Client], people: list[Person]) -> None:
    client = enter(0)
    page = client.get("/citizen/benefits/").content.decode()
    assert "为什么" in page
    assert client.get("/citizen/payments/").status_code == 200


def test_pages_of_mishaps(world: World, settings: Any) -> None:
    client = Client(raise_request_exception=False)
    missing = client.get("/citizen/nothing/")
    assert missing.status_code == 404
    assert "没有这个页面" in missing.content.decode()
    assert "民政云办公端" in client.get("/nothing/").content.decode(), "the office has its own"
    strict = Client(enforce_csrf_checks=True)
    stale = strict.post("/citizen/entitled/", HOUSEHOLD)
    assert stale.status_code == 403
    assert "页面放太久了" in stale.content.decode()


def test_the_page_of_a_breakdown_asks_no_database() -> None:
    from django.test import RequestFactory

    from minzheng.project.errors import server_error

    answer = server_error(RequestFactory().get("/citizen/my/"))
    assert answer.status_code == 500
    assert "不是您的错" in answer.content.decode()


def test_the_precheck_finds_what_is_only_recognised_for_a_year(world: World) -> None:
    """低保边缘: an income between the standard and the borderline; the recognition would begin now, and not have run out."""
    typed = {**HOUSEHOLD, "members.0.pension_fen": "", "members.0.income_fen": "", "members.1.income_fen": "2700", "savings_fen": "0"}
    found = Client().post("/citizen/entitled/", typed).context["answer"]
    assert "低保边缘家庭认定" in {each.title for each in found.possible}, [(each.title, each.failed) for each in found.unlikely]
    assert "特困人员救助供养" not in {each.title for each in found.possible}, "the son can support her"
    assert not {"家庭情况变化报告", "退出救助"} & {each.title for each in found.unlikely}
    alone = Client().post("/citizen/entitled/", {**HOUSEHOLD, "members.1.age": "", "members.1.income_fen": "", "obligor": "0"}).context["answer"]
    assert "特困人员救助供养" in {each.title for each in alone.possible}


def test_the_precheck_names_the_clause_and_the_document_of_every_figure(world: World) -> None:
    answer = Client().post("/citizen/entitled/", HOUSEHOLD).context["answer"]
    living = next(each for each in answer.possible if each.item == "minimum_living")
    assert living.sums and living.because
    assert all(ground.law for each in answer.possible for ground in (*each.sums, *each.because))
    figures = [figure for ground in (*living.sums, *living.because) for figure in ground.figures]
    assert all(figure.title and figure.source for figure in figures)
    assert living.unverified == any(figure.unverified for figure in figures), "the mark stands at the figure itself"
    assert answer.unlikely and all(each.failed and each.failed[0].law for each in answer.unlikely)
