-- Templates for described tables: their DDL, the stage, publishing, and the figures of a certificate.

-- name: create_table
CREATE TABLE IF NOT EXISTS {table} (
    {definitions},
    PRIMARY KEY ({key}){indexes}
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COMMENT = '{comment}'

-- name: definition
{name} {type} {null} COMMENT '{comment}'

-- name: index
,
    KEY {table}_{name} ({name})

-- name: described
-- What a table has: its columns, and which of them are its primary key.
SELECT LOWER(column_name) AS name, LOWER(data_type) AS type, column_key = 'PRI' AS in_key
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = %(table)s
ORDER BY ordinal_position

-- name: modify_column
ALTER TABLE {table} MODIFY COLUMN {definition}

-- name: keeping
-- Tables of these, and of ours, that keep what a transaction takes back.
SELECT t.table_name AS name, t.engine AS engine
FROM information_schema.tables AS t JOIN information_schema.engines AS e ON e.engine = t.engine
WHERE t.table_schema = DATABASE() AND e.transactions <> 'YES'
  AND (t.table_name IN %(tables)s OR t.table_name LIKE 'etl!_%%' ESCAPE '!')
ORDER BY t.table_name

-- name: create_stage
-- A session that loads several times has it already.
CREATE TEMPORARY TABLE IF NOT EXISTS {stage} (
    {definitions},
    PRIMARY KEY ({key})
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4

-- name: load
-- JSON lines are what LOAD DATA can be told to read: ["text",1,\N]. The later of two rows with one key wins.
LOAD DATA LOCAL INFILE {file} REPLACE INTO TABLE {into} CHARACTER SET utf8mb4
FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY '\\'
LINES STARTING BY '[' TERMINATED BY ']\n'
({columns})

-- name: warnings
SHOW WARNINGS LIMIT 1

-- name: canary
-- Octets and seconds since 1970 of what came by the bulk load.
SELECT CAST(UNIX_TIMESTAMP(moment) AS CHAR)                                   AS moment,
       LOWER(HEX(words))                                                      AS words,
       CAST(amount AS CHAR)                                                   AS amount,
       LOWER(HEX(JSON_UNQUOTE(JSON_EXTRACT(document, '$.buyer'))))            AS document,
       CAST(blank IS NULL AS CHAR)                                            AS blank,
       CAST(missing IS NULL AS CHAR)                                          AS missing
FROM {stage}

-- name: upsert_head
-- A row is replaced as a whole, unless what the table has is newer. Assignments run from left to right, so the
-- version, which each of them looks at, comes last. A row of another key that is met by a UNIQUE index which somebody
-- added is not ours to replace: NULL in its key is an error.
INSERT INTO {head} ({columns}, etl_window_id)
SELECT {staged}, %(window_id)s FROM {stage} AS s
ON DUPLICATE KEY UPDATE
    {one_key} = IF({same_head}, {head}.{one_key}, NULL),
    {assignments}

-- name: assignment
{name} = IF({guard}, {source}, {head}.{name})

-- name: newer
{head_version} > {stage_version} AND NOT (h.etl_window_id <=> %(window_id)s)

-- name: delete_children
-- The children of the heads that were replaced just now.
DELETE c FROM {stage} AS s
JOIN {head} AS h USING ({key})
JOIN {child} AS c USING ({key})
WHERE h.etl_window_id = %(window_id)s

-- name: insert_children
INSERT INTO {child} ({columns})
SELECT {staged} FROM {child_stage} AS s
JOIN {head} AS h USING ({key})
WHERE h.etl_window_id = %(window_id)s

-- name: lines_there
-- Whether there are lines of any head that is staged: of new heads there are none, unless one was deleted by hand before.
SELECT 1 AS one FROM {stage} AS s STRAIGHT_JOIN {child} AS c ON {same_key} LIMIT 1

-- name: proof
-- What the table proves of the staged heads: it has them in this version, or it had a newer one,
-- which is not of this certificate.
SELECT COUNT(*)                                                                        AS staged,
       COALESCE(SUM({head_version} = {stage_version}), 0)                              AS arrived,
       COALESCE(SUM(IF({head_version} = {stage_version}, {head_row_hash}, 0)), 0)         AS arrived_checksum,
       COALESCE(SUM({newer}), 0)                                                       AS refused,
       COALESCE(SUM(IF({newer}, {stage_row_hash}, 0)), 0)                                 AS refused_checksum
FROM {stage} AS s LEFT JOIN {head} AS h USING ({key})

-- name: figures
-- What a table has of the heads that were published under a certificate: rows, and of each column the values that are
-- there, their sum, and of times the extremes.
SELECT COUNT(*) AS rows_there{figures}
FROM {given} {of_heads}STRAIGHT_JOIN {table} AS x ON {of_staged}{of_window}

-- name: of_heads
STRAIGHT_JOIN {head} AS h ON {of_head} AND h.etl_window_id = %(window_id)s

-- name: figure_numbers
COUNT(x.{name}) AS n{at}, SUM(x.{name}) AS t{at}

-- name: figure_amounts
COUNT(x.{name}) AS n{at}, SUM(x.{name}) AS t{at}

-- name: figure_flags
COUNT(x.{name}) AS n{at}, SUM(x.{name}) AS t{at}

-- name: figure_texts
COUNT(x.{name}) AS n{at}, SUM(OCTET_LENGTH(x.{name})) AS t{at}

-- name: figure_times
-- In milliseconds since 1970: what is kept are Shanghai's clocks.
COUNT(x.{name}) AS n{at}, SUM(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 08:00:00', x.{name}) DIV 1000) AS t{at},
TIMESTAMPDIFF(MICROSECOND, '1970-01-01 08:00:00', MIN(x.{name})) DIV 1000 AS l{at},
TIMESTAMPDIFF(MICROSECOND, '1970-01-01 08:00:00', MAX(x.{name})) DIV 1000 AS m{at}

-- name: figure_documents
COUNT(x.{name}) AS n{at}, 0 AS t{at}

-- name: not_ours
-- The heads that were to be published under a certificate, and are not there under it: refused as older, or lost.
SELECT {staged_key} FROM {given} LEFT JOIN {head} AS x ON {of_staged}
WHERE NOT (x.etl_window_id <=> %(window_id)s)

-- name: read_back
-- Some rows as they are; "others" counts the values in columns that should have none.
SELECT {columns}, {others} AS others
FROM {table} AS x WHERE {of_key}x.{last} IN %({last})s

-- name: is_there
(x.{name} IS NOT NULL)

-- name: back_times
TIMESTAMPDIFF(MICROSECOND, '1970-01-01 08:00:00', x.{name}) / 1000 AS {name}

-- name: back_documents
x.{name}
