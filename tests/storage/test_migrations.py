from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

import storage.tables  # noqa: F401 - its tables belong to the metadata
from storage.db import Database
from storage.schema import FOLDER, NewerSchema, prepare
from storage.types import Base


def _differences(database: Database) -> list[Any]:
    opts = {"compare_type": True, "compare_server_default": not database.sqlite}  # SQLite says defaults in its own way
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, Base.metadata))


def _shape(database: Database) -> dict[str, Any]:
    """Tables with their columns, keys and indexes, as the database itself says."""
    seen = inspect(database.engine)
    return {
        table: (
            sorted((c["name"], str(c["type"]), c["nullable"], str(c["default"])) for c in seen.get_columns(table)),
            seen.get_pk_constraint(table)["constrained_columns"],
            sorted((tuple(k["constrained_columns"]), k["referred_table"]) for k in seen.get_foreign_keys(table)),
            sorted(tuple(u["column_names"]) for u in seen.get_unique_constraints(table)),
            sorted((i["name"], tuple(i["column_names"]), bool(i["unique"])) for i in seen.get_indexes(table)),
        )
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def test_an_empty_database_is_brought_to_the_metadata(empty_url: str) -> None:
    database = Database(empty_url)
    prepare(database)
    assert set(_shape(database)) == set(Base.metadata.tables)
    database.close()


def test_autogenerate_finds_no_difference(empty_url: str) -> None:
    database = Database(empty_url)
    prepare(database)
    assert _differences(database) == []
    database.close()


def test_the_migrated_and_the_created_schema_are_one(empty_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    database = Database(empty_url)
    prepare(database)
    migrated = _shape(database)
    with database.engine.begin() as connection:
        Base.metadata.drop_all(connection)
        Base.metadata.create_all(connection)
    assert _shape(database) == migrated
    database.close()


def test_preparing_twice_changes_nothing(empty_url: str) -> None:
    database = Database(empty_url)
    prepare(database)
    before = _shape(database)
    prepare(database)
    assert _shape(database) == before
    database.close()


def test_a_newer_schema_is_refused_untouched(empty_url: str) -> None:
    database = Database(empty_url)
    prepare(database)
    with database.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(NewerSchema, match=r"más nueva \(9999\)"):
        prepare(database)
    with database.engine.connect() as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalar_one() == "9999"
    database.close()


def test_partial_indexes_keep_what_must_be_single(empty_url: str) -> None:
    database = Database(empty_url)
    prepare(database)
    unique = {
        i["name"] for table in Base.metadata.tables for i in inspect(database.engine).get_indexes(table) if i["unique"]
    }
    assert {"uq_follow_up_effective", "uq_high_level_case_open", "uq_silence_running"} <= unique
    database.close()


def test_a_database_full_of_the_first_version_is_migrated(empty_url: str) -> None:
    """Tables that others refer to are rebuilt on SQLite; an alert raised before keeps the day it was told (R18)."""
    database = Database(empty_url)
    _upgrade(database, "0001")
    with database.engine.begin() as connection:
        for statement in _FILLED.split(";"):
            connection.execute(text(statement))
    prepare(database)
    with database.engine.connect() as connection:
        told = connection.execute(text("select raised_told_on, raised_percent from alert")).one()
        assert connection.execute(text("select count(*) from action")).scalar_one() == 1
        assert (str(told[0]), told[1]) == ("2026-11-19", 40.0)
    if database.sqlite:
        with database.begin() as session:
            assert session.scalar(text("pragma foreign_keys")) == 1
    database.close()


def _upgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


_FILLED = """
insert into initiative (id, slug, name, position, state, overrides, escalation_channel)
values (1, 'biologicos', 'Biológicos', 1, 'en_ejecucion', '{}', '');
insert into entity (id, name, mail, internal) values (1, 'Invima', 'enlace@invima.example', false);
insert into obstacle (id, initiative_id, theme, kind, text) values (1, 1, '', 'Barrera', 'Represamiento');
insert into solution (id, obstacle_id, text) values (1, 1, 'Ruta priorizada');
insert into action (id, code, initiative_id, solution_id, entity_id, text, supporting, priority, due_version, due_moves,
state, percent, narrative, nature, source, version)
values (1, 'BIO-01', 1, 1, 1, 'Guía', '', 'Alta', 1, 0, 'vigente', 40, '', '', '', 1);
insert into alert (id, key, kind, initiative_id, action_id, episode, raised_on, state)
values (1, 'k', 'VENCIDA_1_MES', 1, 1, 'v1', '2026-11-15', 'elevada_1');
insert into notice (id, key, rule, subject, initiative_id, alert_id, period, recorded_on, deliver_on, post, channel,
state, inputs, skipped)
values (1, 'n', 'R17', 'BIO-01', 1, 1, 'k', '2026-11-19', '2026-11-19', 'VM', 'teams', 'sent', '{}', '{}');
insert into delivery (id, notice_id, batch, bundle, reader, channel, state, attempts, receipt, error, sent_at)
values (1, 1, 'b', 'escalation', 'channel:biologicos', 'teams', 'sent', 1, '{}', '', '2026-11-19 14:00:00')
"""
