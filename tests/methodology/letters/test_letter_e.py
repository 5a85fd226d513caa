"""Letter E of the method, R41–R44: the Equipo de Alto Nivel. A promise a rule."""

from __future__ import annotations

from core_world import Core, day

from methodology.high_level import active_members
from methodology.rules.states import Post
from methodology.rules.table import RULES
from methodology.tray import waiting
from storage.ledger import Alert
from storage.life import Measure, Member
from storage.matrix import Person

MAIL = "ana.ruiz@invima.example"
ANA = {
    "iniciativa": "biologicos",
    "cargo": "Directora General",
    "entidad": "Invima",
    "titular": "Ana Ruiz",
    "genero": "f",
    "correo": MAIL,
}
DECIDED_BY_PEOPLE = {"R18", "R42"}


def proposed(core: Core, **more: str) -> Member:
    core.first_initiative()
    core.does("2026-11-03", "LT", "ean.proponer", **ANA | more)
    return core.all(Member)[-1]


def active(core: Core) -> Member:
    """Invited on 5-nov-2026; a person of the directory too."""
    member = proposed(core)
    core.add(Person(name="Ana Ruiz", gender="f", mail=MAIL))
    core.does("2026-11-04", "LT", "ean.carta", integrante=member.id)
    core.does("2026-11-04", "VM", "ean.firmar", integrante=member.id)
    core.live("2026-11-05")
    return member


def test_r41_the_leader_proposes_post_entity_holder_term_and_substitute(core: Core) -> None:
    more = {"desde": "2026-11-10", "hasta": "2027-12-31", "suplente": "Eva Sol", "correo_suplente": "eva@x.example"}
    member = proposed(core, **more)
    assert (member.post, member.entity, member.holder, member.substitute) == (
        "Directora General", "Invima", "Ana Ruiz", "Eva Sol",
    )  # fmt: skip
    assert (str(member.since), str(member.until), member.proposed_by) == ("2026-11-10", "2027-12-31", "Líder técnica")
    assert "corresponde" in core.refused("2026-11-03", "GG", "ean.proponer", **ANA | {"titular": "Luis Paz"})


def test_r42_a_member_is_active_only_after_the_signed_invitation_was_sent(core: Core) -> None:
    member = proposed(core)
    assert "no se ha redactado" in core.refused("2026-11-06", "VM", "ean.firmar", integrante=member.id)
    core.does("2026-11-06", "LT", "ean.carta", integrante=member.id)
    core.does("2026-11-06", "VM", "ean.firmar", integrante=member.id)
    core.live("2026-11-07", "2026-11-08")
    assert active_members(core.session, member.initiative_id, day("2026-11-08")) == []
    core.live("2026-11-09")
    assert (member.state, member.invited_on) == ("activa", day("2026-11-09"))


def test_r43_no_notice_of_the_clock_addresses_the_team(core: Core) -> None:
    assert {rule.id for rule in RULES.values() if Post.HIGH_LEVEL in (rule.post, *rule.copies)} == DECIDED_BY_PEOPLE
    active(core)
    core.action("BIO-01", due="2026-10-15")
    for on in ("2026-11-15", "2026-11-17", "2026-11-19", "2026-12-03", "2026-12-16", "2027-01-27", "2027-05-16"):
        core.live(on)
    assert {"R15", "R17", "R18.propuesta", "R30", "R10", "R36"} <= {notice.rule for notice in core.notices()}
    assert [(n.rule, str(n.recorded_on)) for n in core.notices() if n.post == "EAN"] == [("R42", "2026-11-04")]


def test_r44_a_member_acknowledges(core: Core) -> None:
    active(core)
    core.action("BIO-01", due="2026-10-15")
    core.live("2026-11-15", "2026-11-19")
    given = {"alerta": "BIO-01", "integrantes": "Ana Ruiz", "motivo": "No hubo gestión de la entidad"}
    core.does("2026-11-20", "LT", "alerta.segundo_momento", **given)
    core.does("2026-11-23", MAIL, "ean.acusar", alerta="BIO-01")
    assert core.all(Alert)[0].acknowledged_by == "Ana Ruiz"


def test_r44_a_member_takes_a_measure(core: Core) -> None:
    active(core)
    core.action("BIO-01", due="2026-09-05")
    core.live("2026-11-06")
    given = {
        "caso": "biologicos",
        "descripcion": "Oficio al despacho",
        "responsable": "Ana Ruiz",
        "fecha": "2026-12-04",
    }
    core.does("2026-11-06", MAIL, "caso.medida", **given)
    assert [(row.by, row.description) for row in core.all(Measure)] == [("Ana Ruiz", "Oficio al despacho")]


def test_r44_a_member_proposes_a_meeting_and_convenes_none(core: Core) -> None:
    active(core)
    core.does("2026-11-06", MAIL, "ean.reunion", iniciativa="biologicos", texto="Revisar la reglamentación")
    assert waiting(core.session)[-1].title == "Ana Ruiz propone una reunión de Biologicos"
    assert core.notices("R24.convocatoria") == []
