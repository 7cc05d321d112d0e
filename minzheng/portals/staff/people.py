"""People as pages show them: masked, with age and words instead of codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from minzheng.kernel.foundation import clock
from minzheng.kernel.registry.masking import mask_id, mask_name, mask_phone
from minzheng.kernel.registry.models import Person
from minzheng.kernel.registry.queries import Member, age_on
from minzheng.portals.staff.facts import FactLine, fact_line


@dataclass(frozen=True)
class PersonLine:
    """Name (masked), sex, age at the business date."""

    person_id: int
    name: str
    sex: str
    age: int | None
    died_on: date | None = None


@dataclass(frozen=True)
class MemberCard(PersonLine):
    """A member of a household with what is known of the person."""

    relation: str = ""
    id_number: str = ""
    phone: str = ""
    facts: list[FactLine] = field(default_factory=list)


def person_line(person: Person) -> PersonLine:
    """The line for a person; the age stops at death."""
    return PersonLine(person.pk, mask_name(person.name), sex(person), age(person), person.death_date)


def member_card(member: Member, on: date) -> MemberCard:
    """The card for a member as of a day."""
    person = member.person
    died = person.death_date if person.death_date and person.death_date <= on else None
    return MemberCard(
        person.pk, mask_name(person.name), sex(person), age_on(person.birth_date, died or on), died,
        member.relation_title, mask_id(person.id_number), mask_phone(person.phone),
        [fact_line(fact) for fact in member.facts],
    )  # fmt: skip


def sex(person: Person) -> str:
    """男, 女 or nothing."""
    return person.get_sex_display() if person.sex != Person.Sex.UNKNOWN else ""


def age(person: Person) -> int | None:
    """Age at the business date, or at death."""
    return age_on(person.birth_date, person.death_date or clock.business_date())
