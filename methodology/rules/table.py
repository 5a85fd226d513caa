"""The visible table of rules: what the clock does, for whom, by which road, and the sentence that explains it.

A notice's `rule` is one of these ids; `R11`, `R14.reiteracion` … are further messages of the rule before the dot. The
sentence («¿por qué recibí esto?») is filled from the inputs stored with the notice (`reasons.why`), never from today's
state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from methodology.rules.states import Post

TEAMS = "teams"
MAIL = "mail"


@dataclass(frozen=True)
class Rule:
    """One row of the table.

    `seed` is the methodology's own phrase; `when` says when it holds; `post` is whom it addresses and `copies` who is
    told the same; `channel` is the road (R45); `bundle` joins notices of one moment to one reader into one message;
    `place` is where a Teams message goes: the reader's own chat, or the initiative's escalation channel; `why` is the
    sentence, filled with the notice's inputs; `repeatable` says whether an uncertain message may be sent again;
    `apart` keeps each initiative in a message of its own; `follows` is the change of state that goes with it.
    """

    id: str
    seed: str
    when: str
    post: Post
    channel: str
    bundle: str
    why: str
    copies: tuple[Post, ...] = ()
    place: str = "chat"
    repeatable: bool = False
    apart: bool = False
    follows: str = ""


RULES: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule(
            id="R10",
            seed="Los últimos 5 días de cada mes, los líderes técnicos registrarán el avance",
            when="primer día de la ventana del mes",
            post=Post.LEADER,
            channel=TEAMS,
            bundle="opening",
            apart=True,
            why="La ventana de seguimiento de {period_name} va del {recorded_on} al {due}.{moved}",
            repeatable=True,
        ),
        Rule(
            id="R10.preaviso",
            seed="Los últimos 5 días de cada mes, los líderes técnicos registrarán el avance",
            when="2 días hábiles antes de una ventana con menos de 3 días hábiles",
            post=Post.LEADER,
            channel=TEAMS,
            bundle="heads-up",
            apart=True,
            why="La ventana de {period_name} tiene menos de {window_min_habiles_words}; se avisa con "
            "{heads_up_habiles_words} de anticipación.{moved}",
            repeatable=True,
        ),
        Rule(
            id="R11",
            seed="los líderes técnicos registrarán el avance cuantitativo y cualitativo de las acciones",
            when="día hábil intermedio (con 3 o más) y último día hábil de la ventana, si falta algo",
            post=Post.LEADER,
            channel=TEAMS,
            bundle="nudge",
            apart=True,
            why="Al {recorded_on} faltaba el seguimiento de {period_name} de alguna acción.{moved}",
            repeatable=True,
        ),
        Rule(
            id="R11.recordatorio",
            seed="los líderes técnicos registrarán el avance cuantitativo y cualitativo de las acciones",
            when="día hábil siguiente, cuando quien lidera pidió que se le recordara y falta algo",
            post=Post.LEADER,
            channel=TEAMS,
            bundle="nudge",
            apart=True,
            why="{by} pidió que se le recordara el seguimiento de {period_name}.{moved}",
            repeatable=True,
        ),
        Rule(
            id="R11.delegacion",
            seed="los líderes técnicos registrarán el avance cuantitativo y cualitativo de las acciones",
            when="cuando quien lidera delega el seguimiento del mes",
            post=Post.LEADER,
            channel=TEAMS,
            bundle="delegated",
            apart=True,
            why="{by} le delegó el seguimiento de {period_name}, hasta el {due}.{moved}",
            repeatable=True,
        ),
        Rule(
            id="R11.faltantes",
            seed="los líderes técnicos registrarán el avance cuantitativo y cualitativo de las acciones",
            when="primer día hábil después de la ventana, si falta algo",
            post=Post.PLANNING,
            copies=(Post.MANAGEMENT,),
            channel=TEAMS,
            bundle="missing",
            why="La ventana de {period_name} cerró el {due} y hay acciones sin reporte.{moved}",
            repeatable=True,
        ),
        Rule(
            id="R14",
            seed="de acuerdo con la información reportada por las entidades responsables",
            when="10 días hábiles antes de abrir la ventana",
            post=Post.ENTITY,
            channel=MAIL,
            bundle="request",
            why="La solicitud de {period_name} sale {request_habiles_before_words} antes de la ventana; el plazo es el "
            "{due}.{moved}",
        ),
        Rule(
            id="R14.reiteracion",
            seed="cuando una Entidad responsable de la ejecución de acciones no responda a los acercamientos",
            when="3 días hábiles antes del plazo, si la entidad no ha respondido",
            post=Post.ENTITY,
            channel=MAIL,
            bundle="reminder",
            why="A {reminder_habiles_before_words} del plazo ({due}) no había respuesta a la solicitud de "
            "{period_name}.{moved}",
        ),
        Rule(
            id="R14.acuse",
            seed="de acuerdo con la información reportada por las entidades responsables",
            when="recibida una respuesta con avances",
            post=Post.ENTITY,
            channel=MAIL,
            bundle="received",
            why="Se recibió la respuesta de {subject} a la solicitud de {period_name}.{moved}",
        ),
        Rule(
            id="R15",
            seed="Se deberán registrar las alertas para aquellas acciones que cumplan 1 mes de vencidas",
            when="m(vencimiento, 1), si sigue abierta",
            post=Post.LEADER,
            channel=TEAMS,
            bundle="alerts",
            why="{subject} venció el {due} y cumplió {overdue_months_words} de vencida el {overdue_on}; la alerta se "
            "registró el {recorded_on}.{moved}",
        ),
        Rule(
            id="R16",
            seed="cuando una Entidad responsable de la ejecución de acciones no responda a los acercamientos",
            when="2 acercamientos y 10 días hábiles desde el primero, sin respuesta de fondo",
            post=Post.LEADER,
            channel=TEAMS,
            bundle="alerts",
            why="{subject} no ha respondido: {outreaches_words}; el primero, el {first_outreach}, y al {recorded_on} "
            "van {silence_habiles_words} o más.{moved}",
        ),
        Rule(
            id="R17",
            seed="elevar estas alertas, en un principio a la Viceministra de Desarrollo Empresarial",
            when="2 días hábiles después de entregada la alerta al líder técnico",
            post=Post.VICE_MINISTER,
            channel=TEAMS,
            bundle="escalation",
            apart=True,
            place="escalation",
            why="La alerta de {subject} se entregó al líder técnico el {told_on}; pasaron "
            "{hold_habiles_words} y sigue abierta.{moved}",
        ),
        Rule(
            id="R17.aviso",
            seed="elevar estas alertas, en un principio a la Viceministra de Desarrollo Empresarial",
            when="publicada la tarjeta de decisión en el canal de escalamiento; las de un mismo momento, en un mensaje",
            post=Post.VICE_MINISTER,
            channel=TEAMS,
            bundle="pointer",
            why="El {recorded_on} se publicó una tarjeta de decisión en el canal de escalamiento.{moved}",
        ),
        Rule(
            id="R17.decision",
            seed="solucionar alertas que se vayan identificando sobre el cumplimiento de las acciones",
            when="tomada una decisión en la tarjeta",
            post=Post.LEADER,
            channel=TEAMS,
            bundle="decisions",
            why="El {recorded_on} se registró una decisión sobre la alerta de {subject}.{moved}",
        ),
        Rule(
            id="R17.respuesta",
            seed="solucionar alertas que se vayan identificando sobre el cumplimiento de las acciones",
            when="anotada la información que se pidió en la tarjeta, a quien la pidió",
            post=Post.VICE_MINISTER,
            channel=TEAMS,
            bundle="answers",
            why="{by} pidió más información sobre la alerta de {subject}, y el {recorded_on} se anotó.{moved}",
        ),
        Rule(
            id="R19",
            seed="alertas a los líderes técnicos de las acciones que están próximas a vencer (15 días antes del "
            "vencimiento)",
            when="último día hábil en o antes de vencimiento − 15 días",
            post=Post.LEADER,
            channel=TEAMS,
            bundle="alerts",
            why="{subject} vence el {due}; el aviso va {due_soon_days_words} antes o, si ese día no es hábil, el "
            "último hábil anterior.{moved}",
        ),
        Rule(
            id="R30",
            seed="1 o más acciones sin cumplir, con periodo de vencimiento superior a 2 meses",
            when="el día siguiente a m(vencimiento, 2), si sigue abierta y no hay caso abierto",
            post=Post.LEADER,
            copies=(Post.MANAGEMENT,),
            channel=TEAMS,
            bundle="cases",
            apart=True,
            why="{code} venció el {due}; el {recorded_on} superó {high_level_months_words} de vencida y se abrió "
            "una Solución de alto nivel.{moved}",
        ),
        Rule(
            id="R30.ingreso",
            seed="1 o más acciones sin cumplir, con periodo de vencimiento superior a 2 meses",
            when="el día siguiente a m(vencimiento, 2), si sigue abierta y ya hay caso abierto",
            post=Post.LEADER,
            copies=(Post.MANAGEMENT,),
            channel=TEAMS,
            bundle="cases",
            apart=True,
            why="{subject} venció el {due}; el {recorded_on} superó {high_level_months_words} de vencida e ingresó "
            "al caso abierto.{moved}",
        ),
        Rule(
            id="R36",
            seed="cumplidos 18 meses en ejecución de la matriz de Soluciones, se cerrará",
            when="60 y 30 días antes de m(lanzamiento, 18), y ese día",
            post=Post.PLANNING,
            copies=(Post.MANAGEMENT, Post.LEADER),
            channel=TEAMS,
            bundle="closing",
            apart=True,
            why="El plazo de {closing_months_words} se cuenta desde el {launch} y se cumple el {due}.{moved}",
        ),
        Rule(
            id="R23",
            seed="se remitirá el reporte al Viceministerio de Desarrollo Empresarial",
            when="aprobado el reporte por Planeación",
            post=Post.VICE_MINISTER,
            channel=MAIL,
            bundle="report",
            apart=True,
            why="Planeación aprobó el reporte {subject} el {recorded_on}.{moved}",
        ),
        Rule(
            id="R22",
            seed="se publicará en el sitio web del instrumento de manera bimensual",
            when="primer día hábil después del periodo: borrador a Planeación",
            post=Post.PLANNING,
            channel=TEAMS,
            bundle="drafts",
            apart=True,
            why="El periodo {subject} cerró el {due}; Planeación revisa el borrador y lo aprueba.{moved}",
            repeatable=True,
        ),
        Rule(
            id="R8",
            seed="se coordinará la fecha de una próxima reunión con los actores relevantes",
            when="15 días después de una reunión cerrada con la próxima fecha por definir, si sigue sin definirse",
            post=Post.LEADER,
            channel=TEAMS,
            bundle="next-meeting",
            apart=True,
            why="La reunión del {held_on} cerró con la próxima fecha por definir; pasaron "
            "{next_meeting_days_words}.{moved}",
            repeatable=True,
        ),
        Rule(
            id="R9",
            seed="será fruto de una construcción conjunta y se incluirá en el cronograma cómo se avanzará",
            when="2 meses después de entrar una acción sin fecha, si sigue sin fecha",
            post=Post.LEADER,
            channel=TEAMS,
            bundle="undated",
            apart=True,
            why="{subject} sigue sin fecha de vencimiento {undated_months_words} después de su entrada; la fecha se "
            "construye de manera conjunta.{moved}",
            repeatable=True,
        ),
        Rule(
            id="R17.ministro",
            seed="elevar estas alertas, en un principio a la Viceministra […] y/o Ministro de Comercio",
            when="decidido por Planeación, Gerencia General o el Viceministerio",
            post=Post.MINISTER,
            channel=TEAMS,
            bundle="minister",
            apart=True,
            why="{by} elevó la alerta de {subject} al despacho: «{reason}».{moved}",
            follows="la alerta queda a consideración del despacho ministerial",
        ),
        Rule(
            id="R18.propuesta",
            seed="en un segundo momento, si es necesario, a otros miembros del equipo de alto nivel",
            when="10 días hábiles después de entregada la tarjeta de decisión, sin acuse vigente ni avance",
            post=Post.LEADER,
            copies=(Post.MANAGEMENT,),
            channel=TEAMS,
            bundle="second-moment-proposal",
            apart=True,
            why="La alerta de {subject} se entregó al Viceministerio el {raised_told_on}; pasaron "
            "{second_moment_habiles_words} sin acuse ni avance.{moved}",
        ),
        Rule(
            id="R18",
            seed="en un segundo momento, si es necesario, a otros miembros del equipo de alto nivel",
            when="decidido por el líder técnico o la Gerencia General, con los integrantes y el motivo",
            post=Post.HIGH_LEVEL,
            channel=MAIL,
            bundle="second-moment",
            apart=True,
            why="{by} llevó la alerta de {subject} al Equipo de Alto Nivel: «{reason}».{moved}",
            follows="la alerta pasa a segundo momento (elevada_2)",
        ),
        Rule(
            id="R24.convocatoria",
            seed="reuniones de seguimiento (internas); se convocará a reunión a los actores públicos y privados",
            when="convocada una reunión por una persona",
            post=Post.GUESTS,
            channel=MAIL,
            bundle="convening",
            apart=True,
            why="{by} convocó esta reunión el {recorded_on}.{moved}",
            follows="la reunión queda convocada",
        ),
        Rule(
            id="R24.cancelacion",
            seed="reuniones de seguimiento (internas); se convocará a reunión a los actores públicos y privados",
            when="cancelada por una persona una reunión ya convocada",
            post=Post.GUESTS,
            channel=MAIL,
            bundle="cancelling",
            apart=True,
            why="{by} canceló esta reunión el {recorded_on}: «{reason}».{moved}",
            follows="la reunión queda cancelada",
        ),
        Rule(
            id="R25",
            seed="con un cumplimiento representativo de acciones o alertas relevantes, se convocará a reunión",
            when="cumplimiento ≥ 50 % y cada 25 puntos más, alerta elevada, o 4 meses desde la última",
            post=Post.LEADER,
            copies=(Post.MANAGEMENT, Post.PLANNING),
            channel=TEAMS,
            bundle="meeting-suggestion",
            why="Se sugiere una reunión de logros: {reason}. La convoca una persona.{moved}",
            repeatable=True,
        ),
        Rule(
            id="R26",
            seed="nuevas acciones validadas por los responsables de su ejecución",
            when="solicitada a la entidad la validación de una acción nueva",
            post=Post.ENTITY,
            channel=MAIL,
            bundle="validation",
            apart=True,
            why="{by} solicitó validar la acción {subject}.{moved}",
            follows="la acción pasa a por validar",
        ),
        Rule(
            id="R28",
            seed="en caso de incorporarse nuevas acciones, se publicará actualización de la matriz en el sitio web",
            when="incorporadas acciones en una reunión de logros; plazo de 5 días hábiles",
            post=Post.PLANNING,
            channel=TEAMS,
            bundle="matrix-update",
            apart=True,
            why="En la reunión del {held_on} se incorporaron acciones: la matriz se publica a más tardar el "
            "{due}.{moved}",
            repeatable=True,
        ),
        Rule(
            id="R29",
            seed="Colombia Productiva realizará el acercamiento con la entidad responsable de su ejecución",
            when="agregado un cuello de botella de la mayoría: acercamiento a la entidad",
            post=Post.ENTITY,
            channel=MAIL,
            bundle="bottleneck",
            apart=True,
            why="{by} solicitó validar la solución a un cuello de botella relevante para la mayoría.{moved}",
        ),
        Rule(
            id="R33",
            seed="Una vez surtida esta instancia, si persiste el incumplimiento, se da salida a la respectiva acción",
            when="confirmada la salida por la Gerencia General",
            post=Post.LEADER,
            copies=(Post.PLANNING,),
            channel=TEAMS,
            bundle="exit",
            apart=True,
            why="{by} dio salida a {subject} el {recorded_on}: «{reason}». Se informa en la próxima reunión de "
            "logros.{moved}",
            follows="la acción pasa a salida",
        ),
        Rule(
            id="R35",
            seed="Cumplido el 100% de las acciones de una matriz […] se cerrará",
            when="cumplidas todas las acciones incorporadas y sin salida, y al menos una",
            post=Post.PLANNING,
            copies=(Post.MANAGEMENT, Post.LEADER),
            channel=TEAMS,
            bundle="closing",
            apart=True,
            why="Las {met} acciones incorporadas y sin salida están cumplidas; el cierre lo confirman Planeación o la "
            "Gerencia General.{moved}",
        ),
        Rule(
            id="R37",
            seed="se cerrará y se publicará el informe de cierre con los logros alcanzados y/o desafíos",
            when="aprobado el informe de cierre por Planeación",
            post=Post.VICE_MINISTER,
            channel=MAIL,
            bundle="report",
            apart=True,
            why="Planeación aprobó el informe de cierre de {subject} el {recorded_on}.{moved}",
            follows="la iniciativa queda cerrada; lo vigente, cerrado sin cumplir",
        ),
        Rule(
            id="R39",
            seed="En caso de identificarse la oportunidad de iniciar una nueva iniciativa sectorial, se validará con "
            "MinCIT",
            when="solicitada a MinCIT la validación de una iniciativa candidata",
            post=Post.VICE_MINISTER,
            channel=MAIL,
            bundle="candidate",
            apart=True,
            why="{by} solicitó validar la iniciativa candidata {subject}.{moved}",
            follows="la iniciativa pasa a validación de MinCIT",
        ),
        Rule(
            id="R42",
            seed="desde el Viceministerio de Desarrollo Empresarial se les enviará una invitación a participar",
            when="firmada por una persona la carta de invitación",
            post=Post.HIGH_LEVEL,
            channel=MAIL,
            bundle="invitation",
            apart=True,
            why="{by} firmó la invitación a integrar el Equipo de Alto Nivel.{moved}",
            follows="enviada la carta, el integrante queda activo",
        ),
        Rule(
            id="reanudacion",
            seed="Cada iniciativa sectorial tendrá su propio funcionamiento",
            when="reanudada una iniciativa pausada: un solo resumen de lo que se cumplió durante la pausa",
            post=Post.LEADER,
            copies=(Post.PLANNING, Post.MANAGEMENT),
            channel=TEAMS,
            bundle="resume",
            apart=True,
            why="La iniciativa estuvo en pausa desde el {paused_on} y se reanudó el {recorded_on}.{moved}",
            repeatable=True,
        ),
        Rule(
            id="bandeja",
            seed="solucionar alertas que se vayan identificando sobre el cumplimiento de las acciones",
            when="hay asuntos nuevos en la bandeja de Planeación; una vez al día",
            post=Post.PLANNING,
            channel=TEAMS,
            bundle="tray",
            why="El {recorded_on} había asuntos nuevos en la bandeja.{moved}",
            repeatable=True,
        ),
        Rule(
            id="arranque",
            seed="Las iniciativas sectoriales y sus matrices son flexibles y dinámicas",
            when="al iniciar el servicio, o al lanzarse después una iniciativa, si ya había alertas vencidas",
            post=Post.PLANNING,
            channel=TEAMS,
            bundle="backlog",
            why="Estas alertas ya se cumplían antes del {due}, arranque del servicio o lanzamiento de la iniciativa; "
            "Planeación decide cuáles liberar.{moved}",
            repeatable=True,
        ),
    )
}
