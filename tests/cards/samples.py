"""Every card in every variant: what the linter reads, and what a gallery may show. Names are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from cards.action import ActionItem, Last, Proposed, action
from cards.alert_list import PAGE as ALERTS_PAGE
from cards.alert_list import AlertList, ListedAlert, alert_list
from cards.alerts import DUE_SOON, AlertDigest, AlertLine, alerts
from cards.answered import Answered, AnsweredQuestion, answered
from cards.backlog import PAGE as BACKLOG_PAGE
from cards.backlog import Backlog, BacklogLine, backlog
from cards.case import CaseAction, CaseNews, case
from cards.closing import Closing, closing
from cards.decision import DecisionLine, DecisionNews, decision
from cards.draft_report import DraftReport, draft_report
from cards.escalation import ASSIGNING, Decision, EscalatedAlert, Escalation, Step, Tried, escalation
from cards.heads_up import HeadsUp, heads_up
from cards.help import Help, HelpLine, HelpTopic, help_card
from cards.message import DONE, EXPIRED, REFUSED, Message, message
from cards.missing_list import MissingList, MissingOf, missing_list
from cards.nudge import MissingAction, Nudge, nudge
from cards.opening import Opening, opening
from cards.parts import ILLUSTRATIVE, Page, Reader, with_note
from cards.pending import PAGE as PENDING_PAGE
from cards.pending import Pending, PendingAction, Undecided, pending
from cards.pointer import Pointed, Pointer, pointer
from cards.receipt import Receipt, Recorded, receipt
from cards.report_ready import ReportReady, report_ready
from cards.status import Status, StatusRow, status
from cards.table import Table, TableRow, fitted, table
from cards.tray import PAGE as TRAY_PAGE
from cards.tray import Tray, TrayLine, TrayMatter, matter, tray
from cards.validated import Answer, Validated, validated
from cards.which_month import WhichMonth, which_month
from dialogs.command_table import BY_NAME, MOST_USED, TOPICS
from methodology.rules.figures import Figures, Semaforo
from methodology.rules.months import Month
from methodology.rules.states import AlertKind, Post, Timeliness

NOVEMBER = Month(2026, 11)
LEADER = Reader("Carolina Pérez Rojas", "f")
LEADER_M = Reader("Andrés de la Torre", "m")
VICE = Reader("Marta Lucía Gómez Ruiz", "f", Post.VICE_MINISTER)
TOKEN = "k3JfZq8Vt0aXwL5m-_B7Yg"
ENTITY = "Instituto Nacional de Vigilancia de Medicamentos y Alimentos (Invima)"
SENTENCE = (
    "El proyecto de actualización salió a comentarios del público y se recibieron 42 observaciones de los gremios."
)
LONG = (SENTENCE + " ") * 8
HOSTILE = "[Pulse aquí](https://ejemplo.example) **urgente** <at>Todos</at> " * 5

URL = "https://teams.example/l/message/1"
DUE = date(2027, 2, 28)
WHY = f"{TOKEN[:-1]}w"
VALIDATION_NO = Answer(
    "Acción AST-12",
    "Dimar",
    "Astilleros",
    "Ana Ruiz, Jefe de Planeación",
    "no",
    "La expedición corresponde al Ministerio de Transporte.",
    "Planeación y el equipo de la iniciativa lo revisan antes de continuar.",
    TOKEN,
    WHY,
)
POINTED = Pointed("Astilleros", 2, URL)


def token(number: int) -> str:
    return f"{TOKEN[:-3]}{number:03d}"


OPENING = Opening(
    reader=LEADER,
    initiative="Astilleros",
    month=NOVEMBER,
    actions=10,
    entities=6,
    answered=4,
    deadline=date(2026, 11, 30),
    minutes=15,
    begin=TOKEN,
    matrix_url="https://soluciones.example/astilleros",
)
ITEM = ActionItem(
    code="AST-04",
    text="Publicar proyecto de actualización de requisitos de licencia de explotación comercial",
    entity="Dirección General Marítima (Dimar)",
    due=date(2026, 10, 9),
    light=Semaforo.OVERDUE_MONTH,
    initiative="Astilleros",
    month=NOVEMBER,
    position=3,
    total=10,
    save=token(1),
    same=token(2),
    skip=token(3),
    stop=token(4),
    last=Last(75.0, "Proyecto en consulta", Month(2026, 10)),
    proposal=Proposed(85.0, SENTENCE, date(2026, 11, 24)),
    notice="AST-03, 60 %, a tiempo.",
)
REFUSED_ITEM = replace(
    ITEM,
    notice="",
    values={"percent": "60", "text": "Va bien", "is_achievement": "true", "achievement_text": "Logro"},
    problems={
        "text": "Describa el avance en 15 a 1.000 caracteres (van 7).",
        "reason": "El avance es menor que el del seguimiento anterior: indique el motivo.",
        "achievement_text": "Redacte el logro en 15 a 600 caracteres.",
        "achievement_priority": "Asigne la prioridad del logro: Alta, Media o Baja.",
        "achievement_kind": "Elija el tipo de resultado: decreto, resolución, circular o guía u otro.",
    },
)
COMPLETE_ITEM = replace(
    ITEM,
    values={"percent": "100", "text": SENTENCE},
    problems={
        "met_on": "Con 100 % indique la fecha de cumplimiento.",
        "evidence": "Con 100 % adjunte la evidencia: un enlace o el nombre del documento.",
        "confirmed_same": "El texto es idéntico al del mes anterior: confirme que sigue vigente.",
    },
)
FRESH_ITEM = replace(ITEM, last=None, proposal=None, notice="", due=None, light=Semaforo.UNDATED, position=1)
LONG_ITEM = replace(
    ITEM, text=LONG, entity=LONG, last=Last(75.0, LONG), proposal=Proposed(None, LONG[:1000], date(2026, 11, 24))
)
TABLE = Table(
    "Astilleros",
    NOVEMBER,
    (
        TableRow("AST-04", ITEM.text, "Dimar", date(2026, 10, 9), Semaforo.OVERDUE_MONTH, 75.0, "85", SENTENCE, True),
        TableRow("AST-06", ITEM.text, "MinCIT", None, Semaforo.UNDATED, None),
    ),
    done=3,
    total=5,
    save=token(1),
    one=token(2),
    following=token(3),
)
RECORDED = Recorded("AST-04", 85.0, SENTENCE, Timeliness.ON_TIME, "Proyecto de licencia publicado para comentarios")
UNDECIDED = Undecided("AST-04", "Dimar", 90.0, date(2026, 11, 26), NOVEMBER, token(5))
RECEIPT = Receipt(
    "Astilleros",
    NOVEMBER,
    (
        RECORDED,
        Recorded(
            "AST-03",
            60.0,
            "Guía en revisión jurídica de la entidad",
            Timeliness.LATE,
            details=(("Motivo", "Se devolvió el expediente"), ("Causa del atraso", "Falta el concepto jurídico")),
        ),
    ),
    ("AST-07", "AST-08"),
    TOKEN,
)
FIGURES = Figures(counted=10, met=3, exits=1, compliance=30.0, progress=62.3, timely=66.6)
LIGHTS = {
    Semaforo.MET: 3,
    Semaforo.ON_TRACK: 2,
    Semaforo.DUE_SOON: 1,
    Semaforo.OVERDUE: 2,
    Semaforo.OVERDUE_MONTH: 1,
    Semaforo.HIGH_LEVEL: 1,
    Semaforo.EXIT: 1,
}
NO_FIGURES = Figures(counted=0, met=0, exits=0, compliance=None, progress=None, timely=None)
ROWS = (
    StatusRow("Medicamentos de síntesis química", replace(FIGURES, compliance=18.1), LIGHTS),
    StatusRow("Biológicos", replace(FIGURES, compliance=20.0, exits=0), {Semaforo.MET: 1, Semaforo.OVERDUE_MONTH: 3}),
    StatusRow("Dispositivos médicos", NO_FIGURES, {}),
    StatusRow("Cannabis-cáñamo", FIGURES, {Semaforo.PAUSED: 7, Semaforo.MET: 3}, "Pausada"),
    StatusRow("Astilleros", FIGURES, LIGHTS),
)
OVERDUE = EscalatedAlert(
    kind=AlertKind.OVERDUE_MONTH,
    code="AST-04",
    action=ITEM.text,
    entity=ITEM.entity,
    due=date(2026, 10, 9),
    days=41,
    percent=75.0,
    asks="Gestionar con la Dirección General Marítima la fecha de publicación del proyecto.",
    steps=(
        Step(date(2026, 11, 11), "Solicitud de avance por correo"),
        Step(date(2026, 11, 17), "Alerta entregada a la líder técnica: «reunión pedida para el 19»"),
    ),
    acknowledge=token(1),
    assign=token(2),
    detail=token(3),
)
SILENT = EscalatedAlert(
    kind=AlertKind.NO_REPLY,
    code="",
    action="3 acciones sin información: AST-05, AST-08 y AST-10",
    entity="Ministerio de Transporte",
    due=None,
    days=10,
    percent=None,
    asks="Contactar al despacho de la entidad para obtener respuesta.",
    steps=(Step(date(2026, 11, 11), "Solicitud"), Step(date(2026, 11, 20), "Reiteración")),
    acknowledge=token(4),
    assign=token(5),
    detail=token(6),
)
DECIDED = replace(
    OVERDUE,
    acknowledge="",
    assign="",
    decisions=(
        Decision(
            "Marta Lucía Gómez Ruiz, Viceministra",
            "Acuso recibo",
            datetime(2026, 11, 19, 14, 12, tzinfo=UTC),
            settles=False,
        ),
        Decision(
            "por Marta Lucía Gómez Ruiz, Viceministra",
            "Gestión asignada a Dirección de Productividad para el 27 de noviembre de 2026",
            datetime(2026, 11, 19, 14, 14, tzinfo=UTC),
            "Convocar a la Dimar.",
        ),
    ),
)
OVER = replace(DECIDED, decisions=(), over="reprogramación", correct="")
LONG_ALERTS = tuple(
    replace(
        OVERDUE,
        action=LONG,
        entity=LONG,
        asks=LONG,
        steps=(Step(date(2026, 11, 11), LONG),) * 6,
        acknowledge=token(10 * n),
        assign=token(10 * n + 1),
        detail=token(10 * n + 2),
    )
    for n in range(12)
)
ESCALATION = Escalation("Astilleros", "Viceministerio de Desarrollo Empresarial", date(2026, 11, 19), (OVERDUE, SILENT))
LINES = (
    AlertLine(DUE_SOON, "AST-09", ITEM.text, ENTITY, date(2026, 12, 1), 13, token(1)),
    AlertLine(
        AlertKind.OVERDUE_MONTH,
        "AST-04",
        ITEM.text,
        ITEM.entity,
        date(2026, 10, 9),
        41,
        token(2),
        rises_on=date(2026, 11, 19),
        note=token(3),
        noted="Reunión pedida para el 19 de noviembre",
    ),
    AlertLine(
        AlertKind.NO_REPLY,
        "",
        "3 acciones sin información",
        "Ministerio de Transporte",
        None,
        10,
        token(4),
        risen_on=date(2026, 11, 19),
        note=token(5),
    ),
)
LONG_LINES = tuple(
    AlertLine(AlertKind.OVERDUE_MONTH, f"AST-{n:02d}", LONG, LONG, date(2026, 10, 9), 41, token(2 * n),
              rises_on=date(2026, 11, 19), note=token(2 * n + 1), noted=LONG[:500])
    for n in range(12)
)  # fmt: skip
MANY = tuple(f"AST-{n:02d}" for n in range(1, 31))
LONG_UNDECIDED = tuple(replace(UNDECIDED, code=code, entity=LONG) for code in MANY)
DRAFT = DraftReport(
    "Astilleros",
    "septiembre–octubre de 2026",
    1,
    date(2026, 10, 31),
    2,
    FIGURES,
    "https://soluciones.example/b/1",
    TOKEN,
)
NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)

SAMPLES: dict[str, dict[str, Any]] = {
    "opening": opening(OPENING),
    "opening without matrix, to a man": opening(replace(OPENING, reader=LEADER_M, matrix_url="", actions=1)),
    "opening, with what was arranged": opening(
        replace(OPENING, tomorrow=token(8), delegate=token(9), done="Se le recordará el viernes 27 de noviembre.")
    ),
    "opening, delegated, hostile": opening(
        replace(OPENING, tomorrow=token(8), delegated_by=HOSTILE, initiative=HOSTILE)
    ),
    "opening, illustrative": with_note(opening(OPENING), ILLUSTRATIVE),
    "action, fresh": action(FRESH_ITEM),
    "action, with the entity's proposal": action(ITEM),
    "action, refused": action(REFUSED_ITEM),
    "action, at 100 and incomplete": action(COMPLETE_ITEM),
    "action, corrected": action(replace(ITEM, proposal=None, current=80.0, values={"percent": "80", "text": SENTENCE})),
    "action, very long": action(LONG_ITEM),
    "action, hostile": action(replace(ITEM, text=HOSTILE, entity=HOSTILE, last=Last(1.0, HOSTILE), code="A](b)")),
    "action, behind, with what the entity wrote": action(
        replace(
            ITEM,
            behind=True,
            proposal=replace(ITEM.proposal, full=token(5), reject=token(6), reply=f"{SENTENCE}\n{LONG}"),
        )
    ),
    "table": table(TABLE),
    "table, refused rows": table(
        replace(
            TABLE,
            tried=True,
            recorded=("AST-03", "AST-05"),
            left=1,
            rows=tuple(replace(row, problems={"text": "Describa el avance."}, open=token(9)) for row in TABLE.rows),
        )
    ),
    "table, with what was written on another page": table(replace(TABLE, kept=("AST-03", "AST-05"))),
    "table, ten long": table(
        replace(TABLE, tried=True, rows=fitted([
            replace(TABLE.rows[0], code=f"AST-{n:02d}", text=LONG, entity=LONG, words=LONG, problems={"x": LONG})
            for n in range(10)
        ]))
    ),
    "table, hostile": table(
        replace(TABLE, initiative=HOSTILE, rows=(replace(TABLE.rows[0], text=HOSTILE, entity=HOSTILE, words=HOSTILE),))
    ),
    "receipt": receipt(RECEIPT),
    "receipt, complete": receipt(replace(RECEIPT, missing=(), resume="")),
    "receipt, to be decided": receipt(replace(RECEIPT, missing=(), resume="", undecided=(UNDECIDED,))),
    "receipt, nothing": receipt(Receipt("Astilleros", NOVEMBER, (), ("AST-01",), TOKEN)),
    "receipt, 30 long": receipt(
        Receipt(
            "Astilleros",
            NOVEMBER,
            tuple(replace(RECORDED, code=code, text=LONG) for code in MANY),
            undecided=LONG_UNDECIDED,
        )
    ),
    "nudge": nudge(
        Nudge(LEADER, "Astilleros", NOVEMBER, (MissingAction("AST-07", ITEM.text),), date(2026, 11, 30), TOKEN, "Eva")
    ),
    "nudge, 30 long": nudge(
        Nudge(LEADER, "Astilleros", NOVEMBER, tuple(MissingAction(c, LONG) for c in MANY), date(2026, 11, 30), TOKEN,
            undecided=LONG_UNDECIDED)
    ),
    "missing list": missing_list(
        MissingList(
            NOVEMBER,
            (
                MissingOf("Astilleros", "Carolina Pérez Rojas", ("AST-07", "AST-08")),
                MissingOf("Biológicos", "Andrés de la Torre", ("BIO-02",), "Laura Niño"),
                MissingOf("Vacunas", "Ana Ruiz", ("VAC-01",), delegated="Luis Gil hasta el 30/11/2026"),
            ),
            "https://soluciones.example/",
        )
    ),
    "missing list, none": missing_list(MissingList(NOVEMBER, ())),
    "missing list, 30": missing_list(MissingList(NOVEMBER, tuple(MissingOf(LONG, LONG, MANY, LONG) for _ in MANY))),
    "heads up": heads_up(
        HeadsUp(LEADER, "Astilleros", Month(2026, 12), date(2026, 12, 27), date(2026, 12, 31), 2, 10, TOKEN)
    ),
    "alerts": alerts(AlertDigest(LEADER, "Astilleros", LINES)),
    "alerts, 12 long": alerts(AlertDigest(LEADER, "Astilleros", LONG_LINES, "del Viceministro")),
    "escalation": escalation(ESCALATION),
    "escalation, a form refused": escalation(
        replace(
            ESCALATION,
            alerts=(
                replace(
                    OVERDUE,
                    tried=Tried(ASSIGNING, {"person": "Dirección de Regulación"}, {"until": "Indique una fecha."}),
                ),
            ),
        )
    ),
    "escalation, one decided": escalation(replace(ESCALATION, alerts=(DECIDED, SILENT))),
    "escalation, all decided": escalation(replace(ESCALATION, alerts=(DECIDED,))),
    "escalation, one over": escalation(replace(ESCALATION, alerts=(OVER, SILENT))),
    "escalation, 12 long": escalation(replace(ESCALATION, alerts=LONG_ALERTS, following=token(900))),
    "escalation, last page": escalation(
        replace(ESCALATION, alerts=LONG_ALERTS, first=10, previous=token(901), following="")
    ),
    "pointer": pointer(Pointer(VICE, "Escalamiento Astilleros", (POINTED,))),
    "pointer, several": pointer(
        Pointer(VICE, "Escalamiento", (POINTED, Pointed("Dispositivos médicos", 1, "https://teams.example/l/message/2")))
    ),
    "pointer, 40 long": pointer(Pointer(VICE, HOSTILE[:60], (replace(POINTED, initiative=LONG),) * 40)),
    "validated": validated(Validated(LEADER, (VALIDATION_NO,))),
    "validated, 12 long": validated(
        Validated(LEADER, (Answer(LONG, ENTITY, LONG, HOSTILE, LONG, HOSTILE, LONG, WHY, WHY),) * 12)
    ),
    "validated, yes": validated(
        Validated(LEADER_M, (replace(VALIDATION_NO, answer="sí", words="", outcome="Queda registrada.", record=""),))
    ),
    "action, a date and a long report of the entity": action(
        replace(ITEM, proposal=Proposed(60, LONG * 2, date(2026, 11, 24), TOKEN, WHY, wants_due=DUE))
    ),
    "action, compliance and evidence of the entity": action(
        replace(ITEM, proposal=Proposed(100, SENTENCE, date(2026, 11, 24), met_on=date(2026, 11, 20), evidence=HOSTILE))
    ),
    "answered": answered(Answered(VICE, (AnsweredQuestion("AST-04", "Astilleros", "¿Qué falta?", SENTENCE, URL),))),
    "answered, 12 long": answered(Answered(VICE, (AnsweredQuestion(LONG, LONG, HOSTILE, LONG, URL),) * 12)),
    "decision": decision(
        DecisionNews(
            LEADER,
            "Astilleros",
            (
                DecisionLine("AST-04", ITEM.text, "Acuso recibo", "Viceministra", NOW),
                DecisionLine("AST-04", ITEM.text, "Asignó gestión", "Viceministra", NOW, "Ana Gil", corrected=NOW),
                DecisionLine(
                    "AST-05", ITEM.text, "Gestión asignada", "Viceministra", NOW, "Laura Niño", date(2026, 11, 27), LONG
                ),
                DecisionLine(
                    "AST-05", ITEM.text, "Pidió más información", "Marta Gómez Ruiz", NOW, words="¿Qué falta?",
                    name="Pregunta de la Viceministra", answer=TOKEN,
                ),
            ),
        )
    ),
    "case, opened": case(
        CaseNews(
            LEADER,
            "Biológicos",
            (CaseAction("BIO-03", ITEM.text, ENTITY, date(2026, 9, 22), 62),),
            open=TOKEN,
            why=token(2),
        )
    ),
    "case, joined by 30": case(
        CaseNews(
            LEADER_M,
            "Biológicos",
            tuple(CaseAction(c, LONG, LONG, date(2026, 9, 22), 62) for c in MANY),
            joined=True,
            open=TOKEN,
        )
    ),
    "closing, in 30 days": closing(
        Closing(LEADER, "Biológicos", date(2025, 8, 29), date(2027, 2, 28), 30, FIGURES, matrix_url="https://s.example/")
    ),
    "closing, proposed": closing(
        Closing(LEADER, "Biológicos", date(2025, 8, 29), date(2027, 2, 28), 0, NO_FIGURES, confirm=TOKEN, keep=token(2))
    ),
    "closing, all met": closing(
        Closing(LEADER, "Biológicos", date(2025, 8, 29), DUE, 9, FIGURES, all_met=True, open=TOKEN, why=WHY)
    ),
    "backlog": backlog(
        Backlog(
            date(2026, 11, 1),
            (
                BacklogLine("AST-04", ITEM.text, "Astilleros", AlertKind.OVERDUE_MONTH, date(2026, 9, 9), 53, token(1)),
                BacklogLine("BIO-04", ITEM.text, "Biológicos", AlertKind.OVERDUE_MONTH, date(2026, 8, 31), 62),
                BacklogLine("Invima", ITEM.text, "Biológicos", "Sin respuesta", None, 0, token(3)),
            ),
        )
    ),
    "backlog, none": backlog(Backlog(date(2026, 11, 1), ())),
    "backlog, 30 long": backlog(
        Backlog(
            date(2026, 11, 1),
            tuple(
                BacklogLine(c, LONG, LONG[:60], "", date(2026, 9, 9), 53, token(i))
                for i, c in enumerate(MANY[:BACKLOG_PAGE])
            ),
            Page(BACKLOG_PAGE, 30, token(91), token(90)),
        )
    ),
    "draft report": draft_report(DRAFT),
    "draft report, empty and warned": draft_report(
        replace(DRAFT, achievements=0, figures=NO_FIGURES, warning="Falta configurar la dirección del micrositio.")
    ),
    "report ready": report_ready(
        ReportReady(
            "Reporte de logros",
            "Astilleros",
            "septiembre–octubre de 2026",
            1,
            date(2026, 10, 31),
            published=True,
            urls={kind: f"https://soluciones.example/r.{kind}" for kind in ("html", "pdf", "excel")},
            digest="9f2c4e6a8b1d3f5a7c9e",
            files={"pdf": token(1), "xlsx": token(2)},
        )
    ),
    "status": status(Status(date(2026, 11, 20), ROWS, "https://soluciones.example/")),
    "status of one": status(Status(date(2026, 11, 20), ROWS[-1:])),
    "status of 30": status(Status(date(2026, 11, 20), ROWS * 6)),
    "pending": pending(
        Pending(
            "Astilleros · noviembre de 2026",
            (
                PendingAction("AST-04", ITEM.text, ITEM.entity, date(2026, 10, 9), Semaforo.OVERDUE, "Sin reporte"),
                PendingAction("AST-09", ITEM.text, ENTITY, None, Semaforo.UNDATED),
            ),
            TOKEN,
        )
    ),
    "pending, to be decided": pending(Pending("Astilleros · noviembre de 2026", (), undecided=(UNDECIDED,))),
    "pending, none": pending(Pending("Astilleros · noviembre de 2026", ())),
    "pending, 30 long": pending(
        Pending(
            "Todas",
            tuple(
                PendingAction(c, LONG, LONG, date(2026, 10, 9), Semaforo.OVERDUE, LONG) for c in MANY[:PENDING_PAGE]
            ),
            TOKEN,
            Page(0, 30, following=token(2)),
            undecided=LONG_UNDECIDED,
        )
    ),
    "alert list": alert_list(
        AlertList(
            "Astilleros",
            (
                ListedAlert(
                    AlertKind.OVERDUE_MONTH,
                    "AST-04",
                    ITEM.text,
                    "Astilleros",
                    date(2026, 11, 9),
                    "Elevada a la Viceministra",
                    "Compromiso de la Dirección de Productividad para el 27/11/2026",
                    token(1),
                ),
            ),
        )
    ),
    "alert list, none": alert_list(AlertList("Todas las iniciativas", ())),
    "alert list, 30 long": alert_list(
        AlertList(
            "Todas",
            tuple(
                ListedAlert(AlertKind.NO_REPLY, LONG[:60], LONG, LONG[:60], date(2026, 11, 9), LONG, LONG, WHY, TOKEN)
                for n in range(ALERTS_PAGE)
            ),
            Page(ALERTS_PAGE, 30, token(1), token(2)),
            "https://soluciones.example/",
        )
    ),
    "help": help_card(
        Help(
            "Líder técnica",
            tuple(HelpLine(BY_NAME[name].usage, BY_NAME[name].help) for name in MOST_USED[Post.LEADER]),
            tuple(
                HelpTopic(title, tuple(HelpLine(BY_NAME[name].usage, BY_NAME[name].help) for name in names))
                for title, names in TOPICS.items()
            ),
            reports=True,
        )
    ),
    "help, of one": help_card(
        Help("Planeación", (HelpLine("/cierre INICIATIVA", "Lo que falta.", "«cerrar»", "Planeación"),))
    ),
    "tray": tray(
        Tray((TrayLine("Respuesta sin acción", 3, HOSTILE, token(1)), TrayLine("Correo rebotado", 0)))
    ),
    "tray, none": tray(Tray(())),
    "tray, settled meanwhile": tray(Tray((), notice="Ese asunto ya se resolvió: Revisado (Carolina Suárez Peña).")),
    "tray, 30 long": tray(
        Tray(
            tuple(TrayLine(LONG, 400, LONG, token(n)) for n in range(TRAY_PAGE)),
            Page(0, 30, following=token(2)),
            LONG,
            "https://s.example/",
        )
    ),
    "tray, one opened": matter(
        TrayMatter("Respuesta sin acción", NOW, ("De: a@dimar.example", f"Texto: {HOSTILE}"), token(1), back=TOKEN)
    ),
    "tray, one opened, long": matter(
        TrayMatter(LONG, NOW, (LONG,) * 30, "", token(1), token(2), "", ((LONG[:40], "m"),) * 3, token(9))
    ),
    "which month": which_month(WhichMonth(Month(2026, 10), NOVEMBER, token(1), token(2))),
    "message, done": message(Message("La acción AST-04 vence ahora el 18/12/2026.", DONE)),
    "message, refused": message(Message("Solo Planeación puede aprobar un reporte.", REFUSED)),
    "message, why": message(Message("¿Por qué recibí esto?", detail="AST-04 venció el 9 de octubre de 2026.")),
    "message, expired": message(Message(EXPIRED, next_title="Ver mis pendientes", next_token=TOKEN)),
}  # fmt: skip
