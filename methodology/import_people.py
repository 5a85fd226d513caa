"""The part of an import that is people: who they are, and which posts they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.brought import Brought
from methodology.import_changes import Changes, update
from methodology.matrix_files import Dataset, PersonRow, Problem
from storage.matrix import Holding, Initiative, Person


def unknown_people(session: Session, data: Dataset) -> list[Problem]:
    """Substitutes that nobody is, and identities in Teams that are somebody else's."""
    known = {person.mail: person.aad_id for person in session.scalars(select(Person))}
    mails = known.keys() | {row.mail for row in data.people}
    owners = {aad_id.lower(): mail for mail, aad_id in known.items() if aad_id}
    problems = []
    for row in data.people:
        if row.substitute and row.substitute not in mails:
            problems.append(
                Problem(row.file, row.row, "suplente", f"«{row.substitute}» no es el correo de una persona")
            )
        if row.aad_id and owners.get(row.aad_id, row.mail) != row.mail:
            sentence = f"«{row.aad_id}» ya es de {owners[row.aad_id]}"
            problems.append(Problem(row.file, row.row, "aad_object_id", sentence))
    return problems


def import_people(
    session: Session, data: Dataset, initiatives: Mapping[str, Initiative], changes: Changes, brought: Brought
) -> None:
    people = {row.mail: row for row in session.scalars(select(Person))}
    for row in data.people:
        values = {"name": row.name, "gender": row.gender, "aad_id": row.aad_id or None}
        anew = brought.anew(f"person {row.mail}", values)
        if not (person := people.get(row.mail)):
            person = people[row.mail] = Person(mail=row.mail, **values)
            session.add(person)
            changes.add(f"Persona nueva: {row.name}")
            continue
        update(person, anew, f"Persona {row.name}", changes)
    session.flush()
    for row in data.people:
        _holding(session, row, people, initiatives, changes, brought)


def _holding(
    session: Session,
    row: PersonRow,
    people: Mapping[str, Person],
    initiatives: Mapping[str, Initiative],
    changes: Changes,
    brought: Brought,
) -> None:
    person, initiative = people[row.mail], initiatives.get(row.initiative)
    initiative_id = initiative.id if initiative else None
    holding = session.scalar(
        select(Holding).where(
            Holding.post == row.post,
            Holding.person_id == person.id,
            Holding.since == row.since,
            Holding.initiative_id == initiative_id,
        )
    )
    substitute = people.get(row.substitute)
    values: dict[str, Any] = {"until": row.until, "substitute_id": substitute.id if substitute else None}
    if row.acting is not None:
        values["acting"] = row.acting
    anew = brought.anew(f"holding {row.post} {row.mail} {row.initiative} {row.since}", values)
    if holding is None:
        key = {"post": row.post, "person_id": person.id, "initiative_id": initiative_id, "since": row.since}
        session.add(Holding(**key, **values))
        changes.add(f"Cargo nuevo: {row.post} {row.initiative} — {row.name}")
        return
    update(holding, anew, f"Cargo {row.post} de {row.name}", changes)
