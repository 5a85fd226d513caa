"""D. Cierre y apertura de iniciativas: R35 to R40."""

from __future__ import annotations

from functools import partial

from methodology.rules.whole.rule import MethodRule

_rule = partial(MethodRule, letter="D")

CLOSING: tuple[MethodRule, ...] = (
    _rule(
        id="R35",
        title="Cierre por cumplimiento",
        seed="Cumplido el 100% de las acciones de una matriz […] se cerrará",
        does="Cumplidas todas las acciones incorporadas y sin salida, y al menos una, se propone el cierre, que "
        "confirman Planeación o la Gerencia General. Las salidas no cuentan y se declaran.",
        when="al cumplirse la última",
        whom="Planeación, Gerencia General y líder técnico",
        follows="confirmado, la iniciativa pasa a en_cierre",
    ),
    _rule(
        id="R36",
        title="Cierre por plazo",
        seed="cumplidos 18 meses en ejecución de la matriz de Soluciones, se cerrará",
        does="A los 18 meses del lanzamiento se propone el cierre, con avisos 60 y 30 días antes. Las pausas no "
        "suspenden el plazo, salvo que se configure. Hasta que una persona confirma, la iniciativa sigue en "
        "ejecución.",
        when="60 y 30 días antes de cumplirse el plazo, y ese día",
        whom="Planeación, Gerencia General y líder técnico",
        follows="confirmado, la iniciativa pasa a en_cierre",
        keys=(
            "cierre.meses",
            "cierre.inicio",
            "cierre.pausa_detiene",
            "cierre.primer_aviso_dias",
            "cierre.segundo_aviso_dias",
        ),
    ),
    _rule(
        id="R37",
        title="Informe de cierre",
        seed="se publicará el informe de cierre con los logros alcanzados y/o desafíos",
        does="El informe reúne logros y desafíos: acciones abiertas, salidas y obstáculos sin resolver. Publicado, "
        "se remite al Viceministerio y cesan los avisos, las alertas y los casos.",
        when="aprobado por Planeación",
        whom="Viceministerio; el público en el sitio",
        follows="la iniciativa pasa a cerrada; lo vigente, a cerrada_sin_cumplir",
    ),
    _rule(
        id="R38",
        title="Candidatas, primero las de la Fase II",
        seed="se revisará la pertinencia de iniciar una nueva matriz de Soluciones (priorizando las enunciadas para "
        "la Fase II)",
        does="Las candidatas se registran con su sustento y figuran en el material de las reuniones internas, "
        "primero las de la Fase II.",
        when="en las reuniones internas",
        whom="Gerencia General y Planeación",
        follows="la iniciativa queda candidata",
    ),
    _rule(
        id="R39",
        title="Candidatas de Colombia Productiva",
        seed="En caso de identificarse la oportunidad de iniciar una nueva iniciativa sectorial, se validará con "
        "MinCIT",
        does="La que propone Colombia Productiva se construye solo después de que MinCIT la valide; la respuesta se "
        "registra con su evidencia.",
        when="solicitada la validación",
        whom="Viceministerio",
        follows="la iniciativa pasa a en_validacion_mincit y, validada, a en_construccion",
    ),
    _rule(
        id="R40",
        title="Candidatas de MinCIT",
        seed="si el MinCIT ve prioritario iniciar una nueva iniciativa sectorial, informará a Colombia Productiva "
        "para iniciar la construcción de la matriz",
        does="La que informa MinCIT pasa directamente a construcción, con su comunicación adjunta.",
        when="recibida la comunicación",
        whom="Planeación",
        follows="la iniciativa pasa a en_construccion",
    ),
)
