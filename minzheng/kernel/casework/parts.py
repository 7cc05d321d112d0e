"""The parts of a service item's file: forms, materials, steps, limits, decisions, outcomes. Free of Django; items.py says the whole."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from minzheng.kernel.casework.clocks import Unit
from minzheng.kernel.casework.schema import check_schema, problems_of

RUNGS = {"grid_worker": 5, "town_official": 4, "district_official": 3, "city_official": 2}  # role of a step → whose clock it is
LIFE_SITUATIONS = {
    "income_lost": "没了收入或收入很少", "illness": "生了大病、看病花钱多", "accident": "遇到意外、灾害", "disability": "残疾、失能",
    "elderly_alone": "年老无人供养", "child_alone": "孩子没人照看", "education": "上学有困难", "housing": "住房有困难",
    "newcomer": "户口不在本地", "already_helped": "已经在享受救助", "cold_heat": "取暖降温",
}  # fmt: skip
APPLICANTS = {"self": "本人", "household": "共同生活的家庭成员", "agent": "委托他人代办", "ex_officio": "镇街、村居主动代办"}
KINDS = {
    "grant": "同意", "refuse": "不同意", "keep": "维持不变", "increase": "增加", "reduce": "减少", "end": "终止", "record": "登记建档",
}  # fmt: skip
GIVING, TAKING = frozenset({"grant", "increase", "record"}), frozenset({"refuse", "reduce", "end"})


NOTICE_FIELDS = frozenset({"applicant", "place", "members", "kind", "amount"})


def _positive(value: int) -> int:
    if not 0 < value <= 3650:
        raise ValueError("应是 1 到 3650 之间的整数")
    return value


Positive = Annotated[int, AfterValidator(_positive)]


class Declared(BaseModel):
    """Strict and unchangeable, as everything that officials declare."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class When(Declared):
    """A condition on an answer: it `equals` a value, is one `among` several, or is at least `minimum`."""

    field: str
    equals: Any = None
    among: tuple[Any, ...] = ()
    minimum: int | None = None

    @model_validator(mode="after")
    def _says_something(self) -> When:
        if self.equals is None and not self.among and self.minimum is None:
            raise ValueError("条件要写明 equals、among 或 minimum")
        return self

    def holds(self, answers: dict[str, Any]) -> bool:
        """Whether the answers fulfil it; what is not answered fulfils nothing."""
        value = answers.get(self.field)
        if self.minimum is not None:
            return isinstance(value, int) and value >= self.minimum
        return value in self.among if self.among else value == self.equals


class Shown(Declared):
    """A field that is asked only `when` a condition holds."""

    show: str
    when: When


class Form(Declared):
    """What is asked. `order`: the pages of the form, each a title and its fields; `prefill`: field → source (forms.SOURCES)."""

    schema_: dict[str, Any] = Field(alias="schema")
    order: dict[str, tuple[str, ...]]
    conditions: tuple[Shown, ...] = ()
    prefill: dict[str, str] = Field(default_factory=dict)

    @field_validator("schema_")
    @classmethod
    def _schema_is_understood(cls, schema: dict[str, Any]) -> dict[str, Any]:
        check_schema(schema)
        if schema.get("type") != "object":
            raise ValueError("表单的最外层应为 type: object")
        return schema

    @model_validator(mode="after")
    def _fields_are_there(self) -> Form:
        fields, ordered = self.fields, [name for page in self.order.values() for name in page]
        problems = problems_of(
            ("order 里没有的字段", sorted(set(fields) - set(ordered))),
            ("order 里多出的字段", sorted(set(ordered) - set(fields))),
            ("order 里写了两次的字段", sorted({name for name in ordered if ordered.count(name) > 1})),
            ("conditions 里不认识的字段", sorted({f for shown in self.conditions for f in (shown.show, shown.when.field)} - set(fields))),
            ("prefill 里不认识的字段", sorted(set(self.prefill) - set(fields))),
        )
        if problems:
            raise ValueError(problems)
        return self

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        """Name → schema of the fields."""
        found: dict[str, dict[str, Any]] = self.schema_.get("properties", {})
        return found

    @property
    def required(self) -> frozenset[str]:
        """The fields that must be answered when they are shown."""
        return frozenset(self.schema_.get("required", ()))


class Material(Declared):
    """A paper. `verified_by`: feeds that prove it, so that it is never asked of a person whom the check covers; `may_promise`:
    告知承诺; `may_supplement_later`: 容缺, within `days`; `kind`: a kind of registry.documents."""

    name: str
    title: str
    kind: str = "other"
    when: When | None = None
    required: bool = True
    may_promise: bool = False
    may_supplement_later: bool = False
    days: Positive = 5
    unit: Unit = "working"
    verified_by: tuple[str, ...] = ()
    note: str = ""


class AuthorisationRule(Declared):
    """核对授权: who signs, for which feeds, for how long."""

    per: Literal["adult", "applicant"] = "adult"
    scope: tuple[str, ...]
    months: Positive


class Extension(Declared):
    """Who may lengthen a limit, how often, and by how much each time."""

    by: str
    times: Positive
    days: Positive

    @field_validator("by")
    @classmethod
    def _role(cls, by: str) -> str:
        return _known_role(by)


StepKind = Literal["accept", "check", "visit", "propose", "publicity", "decide", "announce", "papers", "plan", "file"]


class Step(Declared):
    """One step: whose, how long, from when. `parallel`: it may begin together with the step before. `stops`: what stops its clock.
    Of publicity and announcement `days` is how long the notice hangs (calendar days, from the day after), `post_within` how many
    working days the office has to put it up; `fields`: what is shown, masked as `mask` says. `optional`: it may be passed over."""

    name: str
    kind: StepKind
    title: str
    role: str = "town_official"
    days: Positive
    unit: Unit = "working"
    after: str = "previous"
    parallel: bool = False
    optional: bool = False
    stops: tuple[str, ...] = ("completion", "pause")
    extend: Extension | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    post_within: Positive = 3
    people: Positive = 1  # who go on a visit together
    second_person: bool = True  # of a decision: not by whoever proposed it
    note: str = ""

    @field_validator("role")
    @classmethod
    def _role(cls, role: str) -> str:
        return _known_role(role)

    @model_validator(mode="after")
    def _notices_have_fields(self) -> Step:
        if (self.kind in ("publicity", "announce")) != bool(self.fields):
            raise ValueError("公示、公布要写明 fields（显示哪些内容、怎样遮盖），其他环节不写")
        if unknown := set(self.stops) - {"completion", "pause", "publicity", "hearing"}:
            raise ValueError(f"stops 里不认识：{'、'.join(sorted(unknown))}")
        if unknown := set(self.fields) - NOTICE_FIELDS:
            raise ValueError(f"公示内容不认识：{'、'.join(sorted(unknown))}；可用：{'、'.join(sorted(NOTICE_FIELDS))}")
        if unknown := set(self.fields.values()) - {"plain", "name", "place", "count", "amount"}:
            raise ValueError(f"遮盖方式不认识：{'、'.join(sorted(unknown))}")
        return self

    @property
    def rung(self) -> int:
        """Whose clock it is."""
        return RUNGS[self.role]


class NearRelatives(Declared):
    """近亲属备案: what follows when the `field` of the form says that the applicant is a near relative of staff: it is filed, and
    officials of `visit_role` go to the house before the decision, on the ordinary road (never left out)."""

    field: str
    file_role: str = "town_official"
    file_days: Positive = 3
    visit_role: str = "district_official"
    visit_days: Positive = 10
    people: Positive = 2
    source: str
    status: Literal["confirmed", "unverified"]

    @field_validator("file_role", "visit_role")
    @classmethod
    def _role(cls, role: str) -> str:
        return _known_role(role)

    @property
    def steps(self) -> tuple[Step, Step]:
        """The two steps that stand before the decision."""
        return (
            Step(name="near_filing", kind="file", title="近亲属备案", role=self.file_role, days=self.file_days, note=self.source),
            Step(name="near_visit", kind="visit", title="近亲属办件入户核查", role=self.visit_role, days=self.visit_days, parallel=True,
                 people=self.people, note=self.source),
        )  # fmt: skip


class Limit(Declared):
    """The limit of the whole, from acceptance to decision."""

    days: Positive
    unit: Unit = "working"
    stops: tuple[str, ...] = ("completion", "pause")
    extend: Extension | None = None


class Urgent(Declared):
    """先行救助: another road for cases that cannot wait; it is taken on acceptance. `up_to`: the step of the rule that says how much may be granted on this road;
    what is due beyond it is decided on the ordinary one."""

    title: str
    up_to: str = ""
    steps: tuple[Step, ...]


class Completion(Declared):
    """How long an applicant has to complete what was asked at once; after that the application lapses."""

    days: Positive = 30
    unit: Unit = "calendar"


class Remedy(Declared):
    """What can be done against a decision, and until when, counted from the day after it was made known."""

    name: str
    title: str
    days: Positive
    unit: Unit = "calendar"
    here: bool = False  # handled in this system: verb `object`
    against: tuple[str, ...] = ("refuse", "reduce", "end", "decline")


class Decision(Declared):
    """What may be decided. `reasons`: code → words; `hearing_before`: kinds that need the person to be heard first; `classes`:
    class of the household → months until the next re-check."""

    kinds: tuple[str, ...]
    reasons: dict[str, str] = Field(default_factory=dict)
    hearing_before: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    classes: dict[str, int] = Field(default_factory=dict)
    review_days: Positive = 15  # working days to answer an objection

    @field_validator("kinds", "hearing_before")
    @classmethod
    def _kinds_are_known(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := set(kinds) - set(KINDS):
            raise ValueError(f"决定种类不认识：{'、'.join(sorted(unknown))}；可用：{'、'.join(KINDS)}")
        return kinds


class RuleUse(Declared):
    """Which rule of benefits is asked. `assumed`: inputs that count as given, because the case is about them; `declared`: input →
    field of the form; `of_members`: the
    same from the groups of the field `members`, each for its member; `only_applicant`: what is assumed holds for the applicant alone;
    `paid_before`: the input that says what the household (or, `only_applicant`, the applicant) was paid of this programme within 12
    months, which the ledger knows; `checked`: inputs for which, once a check ran, its evidence alone counts; `season`: the parameter of
    the rule that names the months of payment: the last of them is reckoned, not the present one."""

    programme: str
    assumed: dict[str, int] = Field(default_factory=dict)
    declared: dict[str, str] = Field(default_factory=dict)
    of_members: dict[str, str] = Field(default_factory=dict)
    only_applicant: bool = False
    paid_before: str = ""
    checked: tuple[str, ...] = ()
    season: str = ""


class Outcome(Declared):
    """What a decision does, by its kind: exactly one of an award of a programme, its end, a one-off payment, a fact, or the revision of
    awards (the people and figures with which the next month reckons). A payment is bounded by `up_to`, a step of the rule, and with
    `needs_rule` is made only where the rule gives."""

    award: str = ""
    end: tuple[str, ...] = ()
    payment: str = ""
    fact: str = ""
    revise: tuple[str, ...] = ()
    order: Any = None
    up_to: str = ""
    needs_rule: bool = False
    title: str = ""  # of the fact
    months: int | None = None  # how long the fact or the award lasts; null: until another ends it
    since: Literal["decision", "next_month"] = "next_month"
    mode: Literal["household", "single"] = "household"

    @model_validator(mode="after")
    def _one(self) -> Outcome:
        if self.order is not None:
            raise ValueError("outcome 写了 order（服务订单），但服务供给（kernel/provision）还没有安装：请改用 award、payment、fact，或等安装后再写")
        if sum(map(bool, (self.award, self.end, self.payment, self.fact, self.revise))) != 1:
            raise ValueError("结果要写明 award、end、payment、fact、revise 中的一项")
        if (self.up_to or self.needs_rule) and not self.payment:
            raise ValueError("up_to、needs_rule 只用于 payment")
        return self


def _known_role(role: str) -> str:
    if role not in RUNGS:
        raise ValueError(f"角色 {role} 不认识，可用：{'、'.join(RUNGS)}")
    return role
