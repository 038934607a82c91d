-- Templates for described tables: their DDL, the stage, publishing, and the figures of a certificate.

-- name: create_table
CREATE TABLE IF NOT EXISTS {table} (
    {definitions},
    PRIMARY KEY ({key})
){indexes}

-- name: definition
{name} {type} {null}

-- name: index
;
CREATE INDEX IF NOT EXISTS {table}_{name} ON {table} ({name})

-- name: described
-- What a table has: its columns, and which of them are its primary key.
SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, COALESCE(a.attnum = ANY (i.indkey), false) AS in_key
FROM pg_attribute AS a LEFT JOIN pg_index AS i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = to_regclass(%(table)s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum

-- name: comment
COMMENT ON {what} IS '{comment}'

-- name: create_stage
-- Without a key: the sink itself takes care that no head is staged twice, and an index would double the work.
CREATE TEMPORARY TABLE IF NOT EXISTS {stage} (
    {definitions}
)

-- name: load
-- JSON arrays without their brackets are what COPY can be told to read: "text",1,null
COPY {into} ({columns}) FROM STDIN (FORMAT csv, QUOTE '"', ESCAPE '\', NULL 'null')

-- name: constraints
-- What a table checks, or a trigger changes, only at the commit would come after the comparison; so it comes at once.
SET CONSTRAINTS ALL IMMEDIATE

-- name: canary
-- Octets and seconds since 1970 of what came by the bulk load.
SELECT extract(epoch FROM moment)::numeric(20, 3)::text            AS moment,
       encode(convert_to(words, 'UTF8'), 'hex')                    AS words,
       amount::text                                                AS amount,
       encode(convert_to(document ->> 'buyer', 'UTF8'), 'hex')     AS document,
       (blank IS NULL)::int::text                                  AS blank,
       (missing IS NULL)::int::text                                AS missing
FROM {stage}

-- name: upsert_head
-- A row is replaced as a whole, unless what the table has is newer. In the order of the keys, so that two sessions
-- that bring the same heads wait for each other instead of locking each other out.
INSERT INTO {head} AS h ({columns}, etl_window_id)
SELECT {staged}, %(window_id)s FROM {stage} AS s ORDER BY {key}
ON CONFLICT ({key}) DO UPDATE SET
    {assignments}
WHERE {newer}

-- name: assignment
{name} = excluded.{name}

-- name: newer
{head_version} > {stage_version} AND h.etl_window_id IS DISTINCT FROM %(window_id)s

-- name: delete_children
-- The children of the heads that were replaced just now: of all that were staged, but for the refused.
DELETE FROM {child} AS c USING {stage} AS s
WHERE {same_key}
  AND NOT EXISTS (SELECT FROM {stage} AS r JOIN {head} AS h USING ({key})
                  WHERE h.etl_window_id IS DISTINCT FROM %(window_id)s AND {refused})

-- name: insert_children
-- Those whose head was not refused. Put the other way round, the planner would expect next to no head of a window
-- that it has no statistics of, and go through the stage once for each.
INSERT INTO {child} ({columns})
SELECT {staged} FROM {child_stage} AS s
WHERE NOT EXISTS (SELECT FROM {stage} AS r JOIN {head} AS h USING ({key})
                  WHERE h.etl_window_id IS DISTINCT FROM %(window_id)s AND {refused})

-- name: delete_all_children
-- The children of all heads that were staged, none of which was refused; found by their keys, as in the proof. A ctid is
-- unique within a partition only, so what it finds must have one of these keys, too; IS TRUE keeps that a look at each row.
DELETE FROM {child} WHERE ctid = ANY (ARRAY(
    SELECT c.ctid FROM {stage} AS s CROSS JOIN LATERAL (SELECT x.ctid FROM {child} AS x WHERE {of_staged} OFFSET 0) AS c
)) AND (({key}) IN (SELECT {key} FROM {stage})) IS TRUE

-- name: insert_all_children
INSERT INTO {child} ({columns}) SELECT {staged} FROM {child_stage} AS s

-- name: present
-- Whether the tables have any of these heads, or lines of one, which may be left of a head that was deleted by hand; each
-- is looked up by its key, as in the proof.
SELECT 1 AS one FROM {given} CROSS JOIN LATERAL ({rows}) AS h LIMIT 1

-- name: present_rows
(SELECT 1 FROM {table} AS x WHERE {of_staged} OFFSET 0)

-- name: proof
-- What the table proves of the staged heads: it has them in this version, or it had a newer one, which is not of this
-- certificate. Each head is looked up by its key: OFFSET 0 keeps the planner from reading the whole table for some
-- thousand of them.
SELECT COUNT(*)                                                                      AS staged,
       COUNT(*) FILTER (WHERE {head_version} = {stage_version})                      AS arrived,
       COALESCE(SUM({head_row_hash}) FILTER (WHERE {head_version} = {stage_version}), 0)  AS arrived_checksum,
       COUNT(*) FILTER (WHERE {newer})                                               AS refused,
       COALESCE(SUM({stage_row_hash}) FILTER (WHERE {newer}), 0)                        AS refused_checksum
FROM {stage} AS s LEFT JOIN LATERAL (SELECT {proving}, x.etl_window_id FROM {head} AS x WHERE {of_staged} OFFSET 0) AS h ON TRUE

-- name: proof_of_new
-- What the table proves of heads that were copied into it; the checksum tells whether they are there as they came.
SELECT COUNT(*) AS staged, COUNT(h.{first_version}) AS arrived, COALESCE(SUM({head_row_hash}), 0) AS arrived_checksum,
       0 AS refused, 0 AS refused_checksum
FROM {given} LEFT JOIN LATERAL (SELECT {proving} FROM {head} AS x WHERE {of_staged} OFFSET 0) AS h ON TRUE

-- name: figures
-- What a table has of the heads that were published under a certificate: rows, and of each column the values that are
-- there, their sum, and of times the extremes. Each head is looked up by its key, as in the proof.
SELECT COUNT(*) AS rows_there{figures}
FROM {given} {of_heads}CROSS JOIN LATERAL (SELECT {columns} FROM {table} AS x WHERE {of_staged}{of_window} OFFSET 0) AS c

-- name: of_heads
CROSS JOIN LATERAL (SELECT FROM {head} AS x WHERE {of_staged} AND x.etl_window_id = %(window_id)s OFFSET 0) AS h

-- name: figure_numbers
COUNT(c.{name}) AS n{at}, SUM(c.{name}) AS t{at}

-- name: figure_amounts
COUNT(c.{name}) AS n{at}, SUM(c.{name}) AS t{at}

-- name: figure_flags
COUNT(c.{name}) AS n{at}, COUNT(*) FILTER (WHERE c.{name}) AS t{at}

-- name: figure_texts
COUNT(c.{name}) AS n{at}, SUM(OCTET_LENGTH(c.{name})) AS t{at}

-- name: figure_times
-- In milliseconds since 1970, whatever zone the session has. A double holds them exactly; numeric would take five times as long.
COUNT(c.{name}) AS n{at}, SUM((date_part('epoch', c.{name}) * 1000)::bigint) AS t{at},
(date_part('epoch', MIN(c.{name})) * 1000)::bigint AS l{at}, (date_part('epoch', MAX(c.{name})) * 1000)::bigint AS m{at}

-- name: figure_documents
COUNT(c.{name}) AS n{at}, 0 AS t{at}

-- name: not_ours
-- The heads that were to be published under a certificate, and are not there under it: refused as older, or lost.
SELECT {staged_key} FROM {given} LEFT JOIN LATERAL (SELECT x.etl_window_id FROM {head} AS x WHERE {of_staged} OFFSET 0) AS h ON TRUE
WHERE h.etl_window_id IS DISTINCT FROM %(window_id)s

-- name: read_back
-- Some rows as they are; "others" counts the values in columns that should have none.
SELECT {columns}, {others} AS others
FROM unnest(%({last})s::{type}[]) AS s ({last}) CROSS JOIN LATERAL (SELECT * FROM {table} AS x WHERE {of_key}x.{last} = s.{last} OFFSET 0) AS x

-- name: is_there
(x.{name} IS NOT NULL)::int

-- name: back_times
(extract(epoch FROM x.{name}) * 1000)::numeric AS {name}

-- name: back_documents
x.{name}::text AS {name}
