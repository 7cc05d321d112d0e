"""Making the city: board by board, block by block, in bounded memory; the manifest is written last."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from minzheng.synthetic_city import (
    care,
    childhood,
    declarations,
    events,
    incidents,
    integrity,
    livelihoods,
    property,
    residents,
)
from minzheng.synthetic_city.block import NEVER, Block, block_of
from minzheng.synthetic_city.composition import households_of
from minzheng.synthetic_city.dates import BASE, LAST
from minzheng.synthetic_city.desk import Delivery, Desk
from minzheng.synthetic_city.identities import IdOffice
from minzheng.synthetic_city.layouts import layouts
from minzheng.synthetic_city.need import Blows, Need, need_of
from minzheng.synthetic_city.place import boards, residents_of
from minzheng.synthetic_city.truth import FOLDER, TruthWriter, happened

BLOCK_HOUSEHOLDS = 40_000
MARKER = ".minzheng-city"
SMALLEST, LARGEST = 100, 6_000_000
Progress = Callable[[int, int], None]


class CityError(Exception):
    """The city cannot be made; the message says in Chinese why and what to do."""


@dataclass(frozen=True)
class Made:
    """What was written."""

    residents: int
    files: int
    rows: int
    manifest: Path


def make_city(
    *, residents: int, seed: int, out: Path, until: date = LAST, progress: Progress = lambda _done, _total: None
) -> Made:
    """Write the deliveries of a city of `residents` people up to the day `until` into the folder `out`.

    Same arguments, same bytes. `progress` is told persons done and in all. Raises CityError (Chinese) for arguments
    out of range, a folder that holds anything else, or one that cannot be written.
    """
    if not SMALLEST <= residents <= LARGEST:
        raise CityError(f"--residents 应在 {SMALLEST} 与 {LARGEST} 之间,收到的是 {residents}")
    if not BASE <= until <= LAST:
        raise CityError(f"--as-of 应在 {BASE} 与 {LAST} 之间,收到的是 {until}")
    if not 0 <= seed < 2**63:
        raise CityError(f"--seed 应为不小于 0 的整数,收到的是 {seed}")
    _prepare(out)
    try:
        return _make(residents, seed, out, until, progress)
    except OSError as error:
        raise CityError(f"写入 {out} 失败:{error.strerror or error}。请检查磁盘空间和权限后重新运行同一命令") from error


def _make(count: int, seed: int, out: Path, until: date, progress: Progress) -> Made:
    desk, truth, office = Desk(out, seed, count, until), TruthWriter(out), IdOffice()
    all_boards = boards(seed)
    done = number = 0
    for board, inhabitants in zip(all_boards, residents_of(all_boards, count), strict=True):
        frame = households_of(board, inhabitants, seed)
        for first in range(0, len(frame.kind), BLOCK_HOUSEHOLDS):
            block = block_of(seed, number, board, frame.block(first, first + BLOCK_HOUSEHOLDS), office)
            _deliver(block, desk, truth)
            number += 1
            done += len(block.died)
            progress(done, count)
        desk.close_unit(board.police)
    truth.close()
    return _finish(out, desk.close(), count, seed, until)


def _deliver(block: Block, desk: Desk, truth: TruthWriter) -> None:
    """Everything that departments and the truth keep of a block."""
    dead, jobs = events.deaths(block), events.lost_jobs(block)
    accidents, victims = events.accidents(block), events.disaster_victims(block)
    hurt = accidents.filter(pl.col("injury").is_in(["serious", "dead"]))
    cases = events.legal_aid(block, jobs["person"].to_numpy(), hurt["person"].to_numpy())
    reports = residents.death_reports(block, dead)
    police = residents.police_knows(reports, len(block.died))
    residents.deliver_population(block, police, desk)
    residents.deliver_households(block, desk)
    residents.deliver_deaths(block, reports, desk)
    roster = integrity.roster_of(block)
    residents.deliver_roster(block, roster, desk)
    paid = incidents.deliver_settlements(block, desk)
    incidents.deliver_accidents(block, accidents, desk)
    incidents.deliver_disasters(block, victims, desk)
    incidents.deliver_disability(block, desk)
    livelihoods.deliver_unemployment(block, jobs, desk)
    livelihoods.deliver_contributions(block, jobs, desk)
    livelihoods.deliver_pensions(block, police, desk)
    incidents.deliver_legal_aid(block, cases, desk)
    owned, aids = property.deliver_vehicles(block, desk)
    owned = pl.concat([owned, property.deliver_real_estate(block, desk), property.deliver_market_entities(block, desk)])
    prisoners = events.custody(block)
    incidents.deliver_custody(block, prisoners, desk)
    need = need_of(block, _blows(block, jobs, hurt, victims, cases, paid))
    children = _deliver_circumstances(block, prisoners, need, aids, desk)
    known = [*_happened(block, reports, accidents, victims, jobs, cases, paid), happened(children, "child_registered", "on", "kind")]
    truth.add(block, need, [*known, *integrity.cases(block, roster, prisoners, owned, need)])


def _deliver_circumstances(block: Block, prisoners: pl.DataFrame, need: Need, aids: np.ndarray, desk: Desk) -> pl.DataFrame:
    """What offices know that rules ask for: care, school, children in difficulty (given back), declarations."""
    lost = care.loss(block)
    inside = care.institutional(block, lost)
    care.deliver_assessments(block, lost, desk)
    care.deliver_care_homes(block, inside, desk)
    care.deliver_destitute(block, lost, inside, desk)
    care.deliver_special_families(block, desk)
    care.deliver_work_injuries(block, desk)
    childhood.deliver_students(block, desk)
    declarations.deliver_declarations(block, need, aids, desk)
    return childhood.deliver_register(block, prisoners, desk)


def _blows(
    block: Block, jobs: pl.DataFrame, hurt: pl.DataFrame, victims: pl.DataFrame, cases: pl.DataFrame, paid: np.ndarray
) -> Blows:
    def flags(persons: pl.Series) -> np.ndarray:
        found = np.zeros(len(block.died), dtype=bool)
        found[persons.to_numpy()] = True
        return found

    broken = victims.filter(pl.col("house_damage").is_in(["collapsed", "severe"]))
    lasting = jobs.filter(pl.col("ends_as") != "reemployed")
    poor = cases.filter(pl.col("income_checked") == "hardship")
    return Blows(flags(lasting["person"]), flags(hurt["person"]), flags(broken["person"]), flags(poor["person"]), paid)


def _happened(
    block: Block, reports: pl.DataFrame, accidents: pl.DataFrame, victims: pl.DataFrame, jobs: pl.DataFrame,
    cases: pl.DataFrame, paid: np.ndarray,
) -> list[pl.DataFrame]:
    ill = np.flatnonzero(block.health.serious)
    illness = pl.DataFrame({"person": ill, "on": block.health.ill_since[ill], "paid": paid[ill]})
    disabled = np.flatnonzero(block.health.disability_level > 0)
    grade = pl.Series(block.health.disability_category[disabled] * 10 + block.health.disability_level[disabled])
    certified = pl.DataFrame({"person": disabled, "on": block.health.certified_on[disabled], "grade": grade})
    leavers = np.flatnonzero(block.moved < NEVER)
    moves = pl.DataFrame({"person": leavers, "on": block.moved[leavers]})
    sources = [
        happened(reports.filter(pl.col(f"{source}_on") < NEVER.astype(date)), f"death_reported_{source}", f"{source}_on", f"{source}_date")
        for source in ("health", "funeral", "police")
    ]
    return [
        happened(reports, "death", "died_on", "cause"), *sources,
        happened(accidents, "traffic_accident", "occurred_on", "injury"),
        happened(victims, "disaster", "occurred_on", "house_damage", "loss"),
        happened(jobs, "job_lost", "registered_on", "reason"),
        happened(cases, "legal_aid", "accepted_on", "matter"),
        happened(illness, "serious_illness", "on", amount="paid"),
        happened(certified, "disability", "on", "grade"),
        happened(moves, "moved_out", "on"),
    ]  # fmt: skip


def _prepare(out: Path) -> None:
    """An empty folder with our mark: new, or with the leftovers of an earlier city cleared away."""
    if out.exists() and not out.is_dir():
        raise CityError(f"{out} 是文件,不是文件夹:请另选 --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        present = {path.name for path in out.iterdir()}
        if present and MARKER not in present:
            raise CityError(f"{out} 里已有其他文件,为免覆盖没有写入:请另选一个空文件夹")
        ours = {layout.contract for layout in layouts().values()} | {FOLDER, MARKER, "manifest.json", "manifest.part"}
        if strangers := sorted(present - ours):
            raise CityError(f"{out} 里有不是合成城市的文件({'、'.join(strangers[:3])}):请移走后再运行,或另选一个空文件夹")
        (out / MARKER).write_text("合成数据\n", encoding="utf-8")
        # The manifest goes first: without it nobody takes what is left for a whole city.
        for name in sorted(present - {MARKER}, key=lambda name: name != "manifest.json"):
            path = out / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    except OSError as error:
        raise CityError(f"不能写入 {out}:{error.strerror or error}。请检查路径和权限") from error


def _finish(out: Path, deliveries: list[Delivery], count: int, seed: int, until: date) -> Made:
    _write_json(out / FOLDER / "dirt.json", {delivery.file: delivery.truth() for delivery in deliveries})
    path = out / "manifest.json"
    content = {
        "title": "常州市合成数据(人员均为虚构)", "synthetic": True, "residents": count, "seed": seed,
        "as_of": until.isoformat(), "files": [delivery.entry() for delivery in deliveries],
    }  # fmt: skip
    _write_json(path, content)
    return Made(count, len(deliveries), sum(delivery.rows for delivery in deliveries), path)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)
