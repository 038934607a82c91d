"""What a database is made of, so that two can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.target_session import dialect, query_text

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

_OF_POSTGRES = """
SELECT 'column' AS kind, c.relname || '.' || a.attname AS name,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
                 col_description(c.oid, a.attnum)) AS text
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, concat_ws(' ', prosrc, prosecdef, proconfig, proacl) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""
_OF_MYSQL = """
SELECT 'column' AS kind, CONCAT(table_name, '.', column_name) AS name,
       CONCAT_WS(' ', column_type, is_nullable, column_default, extra, collation_name) AS text
FROM information_schema.columns WHERE table_schema = DATABASE()
UNION ALL SELECT 'index', CONCAT(table_name, '.', index_name), CONCAT_WS(' ', non_unique, seq_in_index, column_name)
FROM information_schema.statistics WHERE table_schema = DATABASE()
ORDER BY 1, 2, 3
"""


def structure_of(session: Session) -> list[dict[str, Any]]:
    """Return columns, indexes, constraints, triggers and functions, each as text."""
    return query_text(session, _OF_MYSQL if dialect(session) == "mysql" else _OF_POSTGRES)
