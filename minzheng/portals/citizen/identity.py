"""Who signs in: name, ID number and phone held against what the registry and the identity vault know of that number.

A number that is known must come with the name and the phone that stand beside it; one that nobody knows makes a new person.
What does not agree is told in one and the same sentence, whatever it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.crypto import constant_time_compare

from minzheng.kernel.casework.checks import ADULT_YEARS
from minzheng.kernel.divisions.queries import in_force
from minzheng.kernel.feeds.acquaintance import make_known
from minzheng.kernel.feeds.identities import open_identities
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.identifiers import check_id
from minzheng.kernel.foundation.keys import pseudonymiser
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.actions import PersonData, find_by_id_number, upsert_people
from minzheng.kernel.registry.models import Household, Person
from minzheng.portals.citizen.page import READER

WHY = "群众端实名登录"
MISMATCH = "姓名、身份证号和手机号与登记的对不上，不能网上登录。请核对后重试；换了手机号的，请带身份证到村（社区）或镇街窗口更正，或拨打 12345"
# Generations above (+) or below (−) the head of a household: parents and children are one apart and in the same line.
GENERATIONS = {"head": 0, "spouse": 0, "child": -1, "grandchild": -2, "parent": 1, "grandparent": 2, "single": 0}


class Mismatch(Exception):
    """What was typed does not agree with what is known; the message is the same whatever it was."""


@dataclass(frozen=True)
class Claim:
    """Who somebody says to be."""

    name: str
    id_number: str
    phone: str


def recognise(claim: Claim) -> Person | None:
    """The person; None when nobody knows the number, so that the place of living must be asked. Raises Mismatch."""
    person = find_by_id_number(id_number=claim.id_number, by=READER, why=WHY)
    if person is None:
        key = pseudonymiser().of(claim.id_number)
        in_vault = open_identities([key], READER, WHY).get(key)
        if in_vault is None:
            return None
        _agree(claim, in_vault.name, in_vault.phone)
        make_known([key], READER, WHY, clock.business_date())
        person = find_by_id_number(id_number=claim.id_number, by=READER, why=WHY)
        if person is None:
            return None
    _agree(claim, person.name, person.phone or _phone_in_vault(person))
    if person.death_date is not None:
        raise Mismatch(MISMATCH)
    return person


def register(claim: Claim, village: str) -> Person:
    """A person whom nobody knew, at the place that was named. Raises Mismatch for a place that there is not."""
    today = clock.business_date()
    if not in_force(today).filter(code=village, level=5).exists():
        raise Mismatch("请选择您现在住的村（社区）")
    checked = check_id(claim.id_number)
    key = pseudonymiser().of(claim.id_number)
    data = PersonData(
        key, claim.name, claim.id_number, claim.phone, checked.sex or "9", checked.birth_date, village,
        "hukou" if claim.id_number.startswith("3204") else "resident", settings.SYNTHETIC,
    )  # fmt: skip
    upsert_people(people=[data], as_of=today, because=WHY, by=READER)
    return registry.people_by_key([key], READER)[key]


def signed_in(person: Person) -> None:
    """Put a sign-in on record."""
    audit.record(READER, "citizen.sign_in", f"person:{person.pk}")


def refused(subject: str) -> None:
    """Put on record that what was typed did not agree; not what it was."""
    audit.record(READER, "citizen.sign_in_refused", subject, "姓名、证件号、手机号与登记不一致")


def home(person: Person) -> Household | None:
    """The household of a citizen."""
    return registry.household_of(person.pk, READER, clock.business_date())


def family(person: Person) -> list[tuple[Person, str]]:
    """Parents and children in the same household, for whom a citizen may act, each with what they are."""
    household, today = home(person), clock.business_date()
    if household is None:
        return []
    members = registry.members(household, READER, today)
    mine = next((each.relation for each in members if each.person.pk == person.pk), "other")
    if mine not in GENERATIONS:
        return []
    found = []
    for each in members:
        apart = GENERATIONS.get(each.relation, 9) - GENERATIONS[mine]
        by_marriage = {mine, each.relation} == {"spouse", "parent"}
        if each.person.pk != person.pk and abs(apart) == 1 and not by_marriage and each.person.death_date is None:
            found.append((each.person, "父亲或母亲" if apart == 1 else "子女"))
    return found


def must_agree(other: Person) -> bool:
    """Whether somebody is of age, so that nobody acts for them without their own word."""
    age = registry.age_on(other.birth_date, clock.business_date())
    return age is None or age >= ADULT_YEARS


def act_for(person: Person, other: Person) -> None:
    """Put on record that a citizen acts for a parent or child from now on."""
    audit.record(READER, "citizen.acts_for", f"person:{other.pk}", "父母、子女代办（同户登记）", agent=person.pk)


def _phone_in_vault(person: Person) -> str:
    found = open_identities([person.person_key], READER, WHY).get(person.person_key)
    return found.phone if found else ""


def _agree(claim: Claim, name: str, phone: str) -> None:
    """Name and phone must both stand beside the number; a number without a phone is settled at the counter."""
    same = constant_time_compare(claim.name, name), constant_time_compare(claim.phone, phone)
    if not all(same) or not phone:
        raise Mismatch(MISMATCH)
