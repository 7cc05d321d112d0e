"""待遇参数 and 政策模拟: what amounts rest on, who may change it, and what another value would do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from minzheng.kernel.benefits.models import ParameterChange, Variant
from minzheng.kernel.benefits.parameters import values_at
from minzheng.portals.staff.parameter_fields import fields_of, read
from tests.portals.staff.benefits_world import forget
from tests.portals.staff.money import freeze
from tests.portals.staff.world import World

AsRole = Callable[[str], Client]
STANDARD = "/benefits/parameters/standards/subsistence_standard/"
ELDERS = [{"person_key": 1, "birth": 19400101}, {"person_key": 2, "birth": 19300101}]


def yuan_text(amount_fen: int) -> str:
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def standard() -> int:
    return int(values_at(date(2024, 7, 1))["minimum_living"]["subsistence_standard"].dated.value)


def propose(client: Client, value: str = "1115", month: str = "2024-07", source: str = "常民发〔2024〕99号 第一条") -> str:
    answer = client.post(f"{STANDARD}propose/", {"value": value, "month": month, "source": source})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_every_parameter_is_listed_with_its_source_and_mark(world: World, as_role: AsRole) -> None:
    html = as_role("city_official").get("/benefits/parameters/?scope=all").content.decode()
    assert "最低生活保障标准" in html and "未核实" in html and "尊老金" in html
    only = as_role("city_official").get("/benefits/parameters/?only=unverified").context["sheets"]
    assert sum(sheet.unverified for sheet in only) > 0


def test_one_proposes_another_confirms(world: World, as_role: AsRole) -> None:
    before = standard()
    address = propose(as_role("benefits_clerk"))
    assert standard() == before, "a proposal changes nothing"
    page = as_role("benefits_approver").get(address).content.decode()
    assert "¥1,115.00" in page and "常民发〔2024〕99号" in page
    assert as_role("benefits_clerk").post(f"{address}decide/", {"answer": "confirm"}).status_code == 403
    assert as_role("benefits_approver").post(f"{address}decide/", {"answer": "confirm"}).status_code == 302
    assert standard() == 111_500
    assert values_at(date(2024, 6, 1))["minimum_living"]["subsistence_standard"].dated.value != 111_500, "earlier months keep theirs"
    assert not values_at(date(2024, 7, 1))["minimum_living"]["subsistence_standard"].unverified
    assert "核实" not in as_role("city_official").get(STANDARD).context["entry"].value.dated.source


def test_turning_down_needs_words(world: World, as_role: AsRole) -> None:
    address = propose(as_role("benefits_clerk"))
    refused = as_role("benefits_approver").post(f"{address}decide/", {"answer": "reject", "note": ""})
    assert refused.status_code == 422 and "理由" in refused.content.decode()
    assert as_role("benefits_approver").post(f"{address}decide/", {"answer": "reject", "note": "文号不对"}).status_code == 302
    assert ParameterChange.objects.get(proposed_by="benefits_clerk").state == "rejected"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"value": "1115.555"}, "最多到分"),
        ({"value": "-1"}, "不能小于 0"),
        ({"value": "很多"}, "不是金额"),
        ({"value": ""}, "请填写数值"),
        ({"source": ""}, "请写明依据"),
        ({"month": "2024-13"}, "月份请写成"),
    ],
)
def test_a_wrong_proposal_comes_back_with_what_was_typed(sent: dict[str, str], said: str, world: World, as_role: AsRole) -> None:
    form = {"value": "1115", "month": "2024-07", "source": "常民发〔2024〕99号", **sent}
    page = as_role("benefits_clerk").post(f"{STANDARD}propose/", form)
    html = page.content.decode()
    assert page.status_code == 422 and said in html
    assert f'value="{form["value"]}"' in html
    assert not ParameterChange.objects.filter(proposed_by="benefits_clerk").exists()


def test_fields_read_back_what_they_show(world: World) -> None:
    for programme, values in values_at(date(2024, 6, 1)).items():
        for name, value in values.items():
            sent = {field.name: field.text for field in fields_of(value, "x")}
            now = value.dated.value
            assert read(value, "x", sent) == (list(now) if isinstance(now, tuple) else now), f"{programme}.{name}"


def test_without_a_snapshot_the_simulator_says_what_to_do(world: World, as_role: AsRole) -> None:
    forget()
    assert "还没有冻结的快照" in as_role("city_official").get("/benefits/simulator/").content.decode()


def test_another_value_is_reckoned_kept_and_compared(world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze(ELDERS, monkeypatch)
    client = as_role("benefits_clerk")
    amounts = values_at(date(2024, 5, 1))["longevity_allowance"]["bands"].dated.value
    code = next(iter(amounts))
    query: dict[str, str] = {"p": "longevity_allowance.bands", "run": "1"}
    for each, amount in amounts.items():
        query[f"longevity_allowance.bands.{each}"] = yuan_text(amount + (1000 if each == code else 0))
    result = client.get("/benefits/simulator/", query).context["result"]
    assert (result["total"]["cost"], result["total"]["winners"], result["total"]["losers"]) == (1000, 1, 0)
    for name in ("甲", "乙"):
        assert client.post("/benefits/simulator/keep/", {**query, "name": name}).status_code == 302
    kept = list(Variant.objects.values_list("pk", flat=True))
    page = client.get("/benefits/variants/", {"v": kept})
    assert len(page.context["compared"][0][1]) == 2 and page.context["compared"][0][1][0]["cost"] == 1000
    shown = as_role("city_official").get("/benefits/variants/").context["kept"]
    assert [own for *_rest, own in shown] == [False, False], "others see them and cannot delete them"
    as_role("city_official").post("/benefits/variants/drop/", {"variant": kept[0]})
    assert Variant.objects.count() == 2
    client.post("/benefits/variants/drop/", {"variant": kept[0]})
    assert Variant.objects.count() == 1


def test_nonsense_in_the_address_is_said_and_left_out(world: World, as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze(ELDERS, monkeypatch)
    page = as_role("city_official").get("/benefits/simulator/", {"p": "nothing.at_all", "run": "1", "snapshot": "<x>"})
    assert page.status_code == 422 and "没有参数“nothing.at_all”" in page.content.decode()
