"""Who signs the authorisation of a 核对 from afar: each adult in the own session, or by a code to the own phone in the applicant's.

An adult of the household who is no party to a case sees of it what the paper to be signed says, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from minzheng.kernel.casework import catalogue, checks
from minzheng.kernel.casework.clocks import add_months
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.models import BundleCase, Case, CaseAction
from minzheng.kernel.casework.people import Citizen
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.masking import mask_name, mask_phone
from minzheng.kernel.registry.models import Person

WAITING = ("submitted", "returned", "under_way", "paused")  # of a form that nobody sent the others hear nothing
PROOF_LASTS = timedelta(minutes=10)
MACHINE = Actor.system("核对授权")


@dataclass(frozen=True)
class PhoneProof:
    """The portal sent a one-time code to the adult's own registered phone and got it back: `phone` as it is shown (139****1234),
    `proved_at` when."""

    phone: str
    proved_at: datetime

    @classmethod
    def of(cls, person: Person) -> PhoneProof:
        """For the portal, in the moment in which the code to that person's registered phone was right."""
        return cls(mask_phone(person.phone), timezone.now())


@dataclass(frozen=True)
class Signing:
    """What an adult is asked to sign: all that the paper says. `number` and `title` are the case's, or the 一件事's."""

    number: str
    title: str
    applicant: str  # masked
    person: Person  # who is to sign: the reader, or somebody for whom the reader acts
    feeds: tuple[str, ...]
    valid_until: date
    is_bundle: bool = False


def check_proof(proof: PhoneProof | None, person: Person, signature: str) -> None:
    """Another's signature in the applicant's session rests on a code to that other's own phone, and a name. Raises CaseError."""
    if proof is None:
        raise CaseError("线上签名须由本人登录后签署，或凭发到其本人登记手机的验证码签署；也可以到窗口签纸质授权书")
    if not person.phone or proof.phone != mask_phone(person.phone):
        raise CaseError("验证码不是发到这位家庭成员登记的手机，不能代签：请先到村（社区）核对手机号，或到窗口签署")
    if not timedelta(0) <= timezone.now() - proof.proved_at <= PROOF_LASTS:
        raise CaseError("手机验证已超过 10 分钟，请重新获取验证码")
    if len(signature.strip()) < 2:
        raise CaseError("请由本人写上姓名作为签名")


def waiting_for(citizen: Citizen, on: date) -> list[tuple[Case, Service, Person]]:
    """Cases whose check waits for the signature of the citizen (or of somebody for whom the citizen acts): open, not checked yet, of
    the own household, under an authorisation that adults sign."""
    found = []
    for row in _of_household(citizen, on):
        service = catalogue.service(row.item, row.item_version)
        if not signed_by_adults(service) or CaseAction.objects.filter(case=row, verb="check").exists():
            continue
        found += [(row, service, person) for person in lacking(row, service, on) if person.person_key in citizen.people]
    return found


def signed_by_adults(service: Service) -> bool:
    """Whether the item has a check to which every adult agrees."""
    return service.version.authorisation is not None and service.version.authorisation.per == "adult"


def lacking(case: Case, service: Service, on: date) -> list[Person]:
    """Whose authorisation the case needs and does not have."""
    rule = service.version.authorisation
    if rule is None:
        return []
    people = checks.people_of(case, service, on)
    return [person for person in people if checks.live_authorisation(case, person, rule.scope, on) is None]


def signable(citizen: Citizen, person: Person, on: date) -> QuerySet[Case]:
    """Cases in which a citizen may sign for a person without being a party to them."""
    return Case.objects.filter(pk__in=[case.pk for case, _service, each in waiting_for(citizen, on) if each.pk == person.pk])


def shown(waiting: Iterable[tuple[Case, Service, Person]], on: date) -> list[Signing]:
    """What is shown of them; the cases of a 一件事 are signed as one."""
    found: dict[tuple[str, int], Signing] = {}
    for case, service, person in waiting:
        title, number = service.title, case.number
        feeds, months = scope_of([service])
        if case.bundle is not None:
            number, title = case.bundle.number, catalogue.bundles()[case.bundle.bundle].title
            feeds, months = scope_of(services_of(case.bundle, person, on))
        until = add_months(on, months)
        found.setdefault((number, person.pk), Signing(number, title, mask_name(case.applicant.name), person, feeds, until, case.bundle is not None))
    return list(found.values())


def scope_of(services: Iterable[Service]) -> tuple[tuple[str, ...], int]:
    """The feeds of some items together, and the shortest of their months: nobody signs for longer than an item allows."""
    rules = [rule for each in services if (rule := each.version.authorisation) is not None]
    if not rules:
        raise CaseError("这些事项不做信息核对，不用授权")
    return tuple(sorted({feed for rule in rules for feed in rule.scope})), min(rule.months for rule in rules)


def services_of(bundle: BundleCase, person: Person, on: date) -> list[Service]:
    """The items of a bundle whose checks concern a person, of its cases that are open."""
    return [service for case, service in open_cases(bundle) if person.pk in {each.pk for each in checks.people_of(case, service, on)}]


def open_cases(bundle: BundleCase) -> list[tuple[Case, Service]]:
    """The cases of a bundle in which somebody may still sign."""
    rows = bundle.cases.filter(state__in=["draft", *WAITING]).order_by("pk")
    return [(row, catalogue.service(row.item, row.item_version)) for row in rows]


def _of_household(citizen: Citizen, on: date) -> QuerySet[Case]:
    """Open cases of the households in which the citizen's people live."""
    people = registry.people_by_key(list(citizen.people), MACHINE).values()
    homes = [home.pk for person in people if (home := registry.household_of(person.pk, MACHINE, on)) is not None]
    return Case.objects.select_related("applicant", "bundle", "household").filter(household__in=homes, state__in=WAITING).order_by("pk")
