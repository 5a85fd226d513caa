"""More samples: the forms of operations, the cards of their subjects and the list of them. Names are invented."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from samples import ENTITY, HOSTILE, LONG, SENTENCE, TOKEN, token

from cards.form import CHOICE, DATE, Form, FormField, form
from cards.form import LONG as PARAGRAPH
from cards.operation_list import OperationGroup, OperationList, operation_list
from cards.subject import Section, Subject, SubjectLine, subject
from cards.why import Why, why

FORM = Form(
    title="Cambiar la fecha",
    about="Acción: AST-04 · Publicar proyecto de actualización de requisitos",
    explanation="Corresponde a: líder técnico, Planeación, Gerente General.",
    fields=(
        FormField("fecha", "Nueva fecha", DATE, value="2026-12-18"),
        FormField("entidad", "Entidad", CHOICE, choices=((ENTITY, ENTITY), ("DIAN", "DIAN")), required=False),
        FormField("motivo", "Motivo", PARAGRAPH),
        FormField("hora", "Hora", required=False, hint="09:30"),
    ),
    submit=token(1),
    back=token(2),
)
LONGEST = tuple(
    FormField(f"dato{n}", LONG[:80], shape, value=LONG * 3, choices=tuple((f"{ENTITY} {k}", str(k)) for k in range(90)))
    for n, shape in enumerate((PARAGRAPH, CHOICE, CHOICE, PARAGRAPH, CHOICE, DATE, PARAGRAPH))
)
LINES = tuple(SubjectLine(LONG, LONG, token(n)) for n in range(30))
SUBJECT = Subject(
    title="AST-04",
    subtitle="Acción · Astilleros",
    state="Vencida ≥ 1 mes",
    style="attention",
    words=SENTENCE,
    facts=(("Entidad", ENTITY), ("Vencimiento", "9/10/2026")),
    sections=(
        Section("Alertas en curso", (SubjectLine("AST-04 · registrada el 9/11/2026", "Abierta", token(7)),)),
        Section("Medidas", (), "No se ha definido ninguna medida."),
    ),
    operations=(("Cambiar la fecha", token(1)), ("Marcar cumplida", token(2))),
    more=(("Anular la acción", "accion.anular"),),
    choose=token(3),
    url="https://soluciones.example/matriz",
    url_title="Ver la matriz",
)
MANY = tuple((f"Operación {n} de nombre largo y detallado", f"cosa.verbo_{n}") for n in range(90))

WHY = Why(
    "AST-04",
    "AST-04, el jueves 12 de noviembre de 2026: vigente, semáforo «Vencida ≥ 1 mes», a cargo de Dimar.",
    "Lo que sigue: apertura de Solución de alto nivel, el jueves 10 de diciembre de 2026.",
    (
        "Vence el viernes 9 de octubre de 2026.",
        "Un mes después es el 9 de noviembre de 2026.",
        "Astilleros: …",
    ),
    ("El 9 de noviembre de 2026 se registró: AST-04 venció. Se entregó el 9 de noviembre de 2026.",),
    ("R15", "R16"),
)

LIFE_SAMPLES: dict[str, dict[str, Any]] = {
    "why": why(WHY),
    "why, nothing told": why(replace(WHY, following="", rules=(), told=())),
    "why, 40 long": why(replace(WHY, state=LONG, rules=(LONG,) * 40, told=(LONG,) * 40)),
    "why, hostile": why(Why(HOSTILE, HOSTILE, HOSTILE, (HOSTILE, HOSTILE), (HOSTILE,))),
    "form": form(FORM),
    "form, nothing to ask": form(replace(FORM, about="", explanation="", fields=(), back="")),
    "form, refused": form(replace(FORM, problems={"motivo": "Indique el motivo.", "accion": "No existe la acción."})),
    "form, longest": form(replace(FORM, about=LONG, fields=LONGEST, problems={"dato0": LONG, "otro": LONG})),
    "form, hostile": form(
        replace(FORM, title=HOSTILE, about=HOSTILE, fields=(FormField("x", HOSTILE, value=HOSTILE),),
                problems={"x": HOSTILE})
    ),
    "subject": subject(SUBJECT),
    "subject, done": subject(replace(SUBJECT, done="AST-04: el vencimiento pasó del 9 de octubre al 18 de diciembre.")),
    "subject, lacking": subject(
        replace(SUBJECT, lacks=("Para darla por surtida falta: al menos una medida; el resultado de: AST-04.",))
    ),
    "subject, bare": subject(Subject("Invima", "Entidad")),
    "subject, longest": subject(
        replace(
            SUBJECT,
            title=LONG,
            subtitle=LONG,
            words=LONG * 3,
            done=LONG * 2,
            facts=tuple((f"Dato {n}", LONG) for n in range(14)),
            sections=tuple(Section(f"Lista {n}", LINES) for n in range(5)),
            operations=tuple((f"Operación de nombre largo {n}", token(n)) for n in range(6)),
            more=MANY,
            lacks=(LONG, LONG, LONG),
            url="",
        )
    ),
    "subject, hostile": subject(
        replace(SUBJECT, title=HOSTILE, subtitle=HOSTILE, words=HOSTILE, done=HOSTILE, facts=(("a", HOSTILE),),
                sections=(Section(HOSTILE, (SubjectLine(HOSTILE, HOSTILE),)),))
    ),
    "form, of a mail": form(
        replace(FORM, context=("De: enlace@dimar.example", "Asunto: Avance", *(HOSTILE,) * 4, *(LONG,) * 9))
    ),
    "operation list": operation_list(
        OperationList("Planeación", (OperationGroup("Acción", (("Cambiar la fecha", "accion.fecha"),)),), TOKEN)
    ),
    "operation list, none": operation_list(OperationList("Ministra", ())),
    "operation list, topics": operation_list(
        OperationList(
            "Planeación",
            tuple(OperationGroup(f"Cosa {n}", MANY[:10], f"cosa{n}") for n in range(14)),
            turn=TOKEN,
            commands=("/accion AST-04", "/iniciativa astilleros"),
        )
    ),
    "operation list, longest": operation_list(
        OperationList("Planeación", (OperationGroup("Cosa", MANY[:30]),), TOKEN, "", token(1))
    ),
}  # fmt: skip
