"""A script of operations: on a day somebody does something. Simulations, the demonstration and tests share its player.

- on: 2026-11-12
  role: LT                 # a post, or a person's mail
  does: accion.fecha
  with: {accion: AST-04, fecha: 2027-01-15, motivo: Concertación con la entidad}
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import operations
from methodology.clock import local
from methodology.method import Method
from methodology.operation import Doing, Operation
from methodology.people import Actor, actor_of, holders
from methodology.refusals import NotFound, Refusal
from methodology.rules.calendar import BOGOTA
from methodology.rules.spanish import parse_date, parse_time
from methodology.rules.states import POST_NAMES, Post
from storage.matrix import Person

_KEYS = ("on", "at", "role", "does", "with")
_NEEDED = ("on", "role", "does")
_WORDS = ("on", "at", "role", "does")
_HOUR = "10:00"
_YEAR = re.compile(r"[0-9]{4}")


class BadScript(ValueError):
    """The script cannot be read; the message says which step and what to do."""


@dataclass(frozen=True)
class Step:
    """One line of a script."""

    at: datetime
    role: str
    does: str
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def day(self) -> date:
        return local(self.at).date()


def read_script(path: Path) -> list[Step]:
    """The steps of a YAML file, in the order of their moments.

    Raises:
        BadScript: why it cannot be read, by step.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as exc:
        raise BadScript(f"{path.name}: no está en UTF-8: guárdelo como texto UTF-8.") from exc
    except FileNotFoundError as exc:
        raise BadScript(f"No existe el guion {path}.") from exc
    except OSError as exc:
        raise BadScript(f"{path} no se puede leer como guion: indique un archivo YAML.") from exc
    return parse_script(text, path.name)


def parse_script(text: str, name: str = "guion") -> list[Step]:
    """The steps of a YAML text. Everything is read as words: `on` is a key here, not a truth value."""
    rows = _yaml(text, name)
    if not isinstance(rows, list) or not rows:
        raise BadScript(f"{name}: un guion es una lista de pasos: «- on: 2026-11-12 …».")
    steps, problems = [], []
    for number, row in enumerate(rows, 1):
        try:
            steps.append(_step(row))
        except (ValueError, Refusal) as exc:
            problems.append(f"{name}, paso {number}: {str(exc).rstrip('.')}.")
    if problems:
        raise BadScript("\n".join(problems))
    return sorted(steps, key=lambda one: one.at)


def _yaml(text: str, name: str) -> Any:  # noqa: ANN401 - whatever the file holds
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes strings only
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f", línea {mark.line + 1}, columna {mark.column + 1}" if mark else ""
        advice = "revise la sangría, las comillas, las llaves y los dos puntos"
        raise BadScript(f"{name}{where}: no es YAML válido: {advice}.") from exc


def _step(row: Any) -> Step:  # noqa: ANN401 - whatever the file holds
    if not isinstance(row, dict):
        raise BadScript("se escribe «on: …, role: …, does: …, with: {…}»")
    if unknown := [key for key in row if key not in _KEYS]:
        raise BadScript(f"«{unknown[0]}» no se conoce; use {', '.join(_KEYS)}")
    if lacking := [key for key in _NEEDED if not row.get(key)]:
        raise BadScript(f"falta «{lacking[0]}»")
    if wrong := [key for key in _WORDS if not isinstance(row.get(key, ""), str)]:
        raise BadScript(f"«{wrong[0]}» lleva un solo dato, sin lista ni llaves")
    day, hour = _day(row["on"]), parse_time(row.get("at") or _HOUR)
    _require_role(row["role"])
    given = _given(row.get("with") or {})
    _require_fields(operations.find(row["does"]), given)
    return Step(datetime.combine(day, hour, BOGOTA), row["role"], row["does"], given)


def _day(text: str) -> date:
    if not _YEAR.search(text):
        raise BadScript(f"«{text}» no dice el año: escriba la fecha como 2026-11-12")
    return parse_date(text, date(2000, 1, 1))


def _given(row: Any) -> dict[str, str]:  # noqa: ANN401 - whatever the file holds
    if not isinstance(row, dict):
        raise BadScript("«with» lleva los datos por su nombre: {accion: AST-04}")
    given = {}
    for key, value in row.items():
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, str) for part in parts):
            raise BadScript(f"«{key}» lleva texto, o una lista de textos")
        given[str(key)] = "; ".join(parts)
    return given


def _require_role(role: str) -> None:
    if "@" not in role and role.upper() not in set(Post):
        raise NotFound(f"«{role}» no es un cargo; use {', '.join(Post)}, o un correo.")


def _require_fields(operation: Operation, given: Mapping[str, str]) -> None:
    names = [one.name for one in operation.fields]
    if unknown := [name for name in given if name not in names]:
        raise BadScript(f"«{unknown[0]}» no es un dato de {operation.id}; use {', '.join(names)}")
    needed = [one.name for one in operation.fields if one.required and not given.get(one.name, "").strip()]
    if needed:
        raise BadScript(f"{operation.id} necesita «{'», «'.join(needed)}»")


def play_step(session: Session, step: Step, doing: Doing) -> dict[str, Any]:
    """Do one step; its line of the journal, with what was done or why not. A refused step changes nothing."""
    line: dict[str, Any] = {
        "event": "operation",
        "on": step.day.isoformat(),
        "role": step.role,
        "does": step.does,
        "with": dict(step.given),
    }
    point = session.begin_nested()
    try:
        operation = operations.find(step.does)
        where = operations.where(doing, operation, step.given)
        actor = actor_for(session, step.role, where, step.day)
        done = operations.perform(replace(doing, actor=actor, now=step.at), operation, step.given)
    except Refusal as exc:
        point.rollback()
        return line | {"refused": str(exc)}
    point.commit()
    return line | {"who": actor.name, "done": done.sentence}


def doing_for(session: Session, method: Method, now: datetime) -> Doing:
    """The frame a player works in before it knows who acts."""
    return Doing(session, NOBODY, now, method)


def actor_for(session: Session, role: str, initiative_id: int | None, day: date) -> Actor:
    """Who plays a role: the person of that mail, the post's holder that day, or a stand-in while nobody holds it.

    Raises:
        NotFound: neither a post nor somebody's mail.
    """
    if "@" in role:
        person = session.scalar(select(Person).where(Person.mail == role.lower()))
        if person is None:
            raise NotFound(f"No hay una persona con el correo «{role}».")
        return actor_of(session, person, day)
    _require_role(role)
    post = Post(role.upper())
    if found := holders(session, post, initiative_id, day):
        return actor_of(session, found[0], day)
    return stand_in(post)


def stand_in(post: Post) -> Actor:
    """Somebody in a post that nobody holds: for worlds without a directory."""
    name = POST_NAMES[post][1]
    held = frozenset({(str(post), None)})
    return Actor(0, name[:1].upper() + name[1:], "f", held, held)


NOBODY = Actor(0, "", "f", frozenset())


def steps_of(steps: Sequence[Step], day: date) -> list[Step]:
    """The steps of one day, in their order."""
    return [step for step in steps if step.day == day]
