"""The tables of both sides, empty: made anew only where their shape was changed, which takes longer than a test."""

from __future__ import annotations

from typing import Any

from retail_pipeline.databases.target_session import change, dialect, query_text
from retail_pipeline.tables.target_tables import ensure_tables
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from sandbox.sys_info import tables as source_tables
from sandbox.sys_info.tables import Naming

_MYSQL = {
    "tables": "SELECT table_name, engine, table_collation, create_options"
    " FROM information_schema.tables WHERE table_schema",
    "columns": "SELECT table_name, ordinal_position, column_name, column_type, is_nullable, column_default,"
    " collation_name, extra FROM information_schema.columns WHERE table_schema",
    "indexes": "SELECT table_name, index_name, seq_in_index, column_name, non_unique, sub_part"
    " FROM information_schema.statistics WHERE table_schema",
    "constraints": "SELECT table_name, constraint_name, constraint_type"
    " FROM information_schema.table_constraints WHERE table_schema",
    "triggers": "SELECT event_object_table, trigger_name, action_statement"
    " FROM information_schema.triggers WHERE trigger_schema",
}
_POSTGRES = """
SELECT c.relname, c.relkind::text, c.relrowsecurity, c.reloptions::text, c.relpersistence::text,
       (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                                    a.attcollation, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)),
                          ',' ORDER BY a.attnum)
          FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT string_agg(pg_get_indexdef(i.indexrelid), ',' ORDER BY i.indexrelid)
          FROM pg_index i WHERE i.indrelid = c.oid) AS indexes,
       (SELECT string_agg(pg_get_constraintdef(k.oid), ',' ORDER BY k.oid)
          FROM pg_constraint k WHERE k.conrelid = c.oid) AS constraints,
       (SELECT string_agg(pg_get_triggerdef(t.oid), ',' ORDER BY t.oid)
          FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS triggers
  FROM pg_class c
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relname LIKE 'taobao%' AND c.relkind IN ('r', 'p', 'v')
 ORDER BY c.relname
"""
_made: dict[str, Any] = {}


def empty_both_sides(owner: Any, target: Any) -> None:
    """Leave all tables of both sides as they are made, with nothing in them."""
    spoken = dialect(target)
    shapes = {"source": _source_shape(owner), spoken: _target_shape(target)}
    if _made.get("source") != shapes["source"]:
        make_source(owner)
        _made["source"] = _source_shape(owner)
    else:
        _empty_source(owner)
    if _made.get(spoken) != shapes[spoken]:
        _make_target(target)
        _made[spoken] = _target_shape(target)
    else:
        _empty_target(target)
    owner.commit()  # MySQL counts even a look at the shape as a transaction


def make_source(owner: Any) -> None:
    source_tables.drop(owner, Naming())
    source_tables.drop(owner, Naming(upper=True))
    source_tables.create(owner, Naming())


def _make_target(target: Any) -> None:
    for table in FEED_TABLES.values():
        for each in table.family:
            change(target, f"DROP TABLE IF EXISTS {each.name}")
        ensure_tables(target, table.family)


def _empty_source(owner: Any) -> None:
    with owner.cursor() as cursor:
        for table in FEED_TABLES:
            cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
            if cursor.fetchall():
                cursor.execute(f"TRUNCATE TABLE {table}")
    owner.commit()


def _empty_target(target: Any) -> None:
    names = [each.name for table in FEED_TABLES.values() for each in table.family]
    if dialect(target) == "postgres":
        change(target, f"TRUNCATE {', '.join(names)}")
        return
    for name in names:
        if query_text(target, f"SELECT 1 AS one FROM {name} LIMIT 1"):
            change(target, f"TRUNCATE TABLE {name}")


def _source_shape(owner: Any) -> Any:
    with owner.cursor() as cursor:
        return _mysql_shape(cursor, "jdp")


def _target_shape(target: Any) -> Any:
    if dialect(target) == "postgres":
        return query_text(target, _POSTGRES.replace("%", "%%"), {})
    with target.cursor() as cursor:
        return _mysql_shape(cursor, "taobao")


def _mysql_shape(cursor: Any, prefix: str) -> Any:
    found = {}
    for what, sql in _MYSQL.items():
        cursor.execute(f"{sql} = DATABASE()")
        found[what] = sorted(
            repr(row) for row in cursor.fetchall() if str(_table_of(row)).lower().startswith(prefix)
        )
    return found


def _table_of(row: Any) -> Any:
    return next(iter(row.values())) if isinstance(row, dict) else row[0]
