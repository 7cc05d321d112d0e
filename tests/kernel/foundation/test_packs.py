"""Manifests are checked when the program starts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.core import checks

from minzheng.kernel.foundation import packs
from minzheng.kernel.foundation.packs import Manifest, ManifestError, manifests, validate
from minzheng.kernel.foundation.rounds import Counts, Progress, Step


def nothing(_as_of: date, _progress: Progress) -> Counts:
    return Counts(0, 0)


def test_the_installed_ones_are_sound() -> None:
    assert len({manifest.name for manifest in manifests()}) == len(manifests())
    assert checks.run_checks(tags=["minzheng"]) == []


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"a": Manifest("x", "甲"), "b": Manifest("x", "乙")}, "b:名称“x”已由 a 使用"),
        ({"a": Manifest("x", "甲", contracts=Path("nowhere"))}, "a:数据目录文件夹不存在:nowhere"),
        ({"a": Manifest("x", "甲", scenarios=("minzheng.nowhere.scenario",))}, "场景模块不存在:minzheng.nowhere.scenario"),
        ({"a": Manifest("x", "甲", scenarios=("minzheng.kernel.nothing",))}, "场景模块不存在"),
        ({"a": Manifest("x", "甲", scenarios=("minzheng.kernel", "minzheng.kernel"))}, "列了两次"),
        ({"a": Manifest("x", "甲", programmes=("minzheng.nowhere.rule",))}, "a:待遇项目模块不存在:minzheng.nowhere.rule"),
        ({"a": Manifest("x", "甲", steps=(Step("s", "步", nothing, ("t",)),))}, "步骤 s 要排在不存在的步骤之后"),
        ({"a": Manifest("x", "甲", steps=(Step("s", "步", nothing),)),
          "b": Manifest("y", "乙", steps=(Step("s", "步", nothing),))}, "重名"),
    ],
)  # fmt: skip
def test_wrong_manifests(found: dict[str, Manifest], message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        validate(found)


def test_steps_of_one_room_may_follow_those_of_another() -> None:
    validate({
        "a": Manifest("x", "甲", steps=(Step("late", "后", nothing, ("early",)),)),
        "b": Manifest("y", "乙", steps=(Step("early", "先", nothing),)),
    })  # fmt: skip


def test_a_module_without_its_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "some_pack.py").write_text("PACK = 'none'\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ManifestError, match="应有 PACK = Manifest"):
        packs._manifest("some_pack", "PACK")


def test_a_wrong_manifest_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong() -> None:
        raise ManifestError("甲:场景模块不存在")

    monkeypatch.setattr(packs, "manifests", wrong)
    assert [error.msg for error in checks.run_checks(tags=["minzheng"])] == ["甲:场景模块不存在"]
