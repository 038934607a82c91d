-- The warehouse's rows of a table of sys_info. Templates.

-- name: digest
-- What the source says of a window (sys_info/mysql/digest), as the warehouse has it.
SELECT COUNT(*) AS total,
       COALESCE(SUM(CAST(CONV(LEFT(SHA2(CONCAT({key}, '|', LEFT(DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23), '|', COALESCE(jdp_hashcode, '')), 256), 16), 16, 10) AS UNSIGNED)
                    & 9223372036854775807), 0) AS checksum
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s

-- name: listing
SELECT {key} AS `key`, REPLACE(LEFT(DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23), '.000', '') AS modified, jdp_hashcode AS hashcode
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s

-- name: versions
-- What the warehouse has of some keys.
SELECT {key} AS `key`, REPLACE(LEFT(DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23), '.000', '') AS modified, jdp_hashcode AS hashcode
FROM {head} WHERE {key} IN %(keys)s

-- name: of_others
-- Which of some keys came from another instance.
SELECT {key} AS `key` FROM {head} WHERE {key} IN %(keys)s AND instance <> %(instance)s

-- name: origins
-- Which certificate speaks of the rows of some keys: who writes one anew writes another number.
SELECT {key} AS `key`, COALESCE(etl_window_id, 0) AS origin FROM {head} WHERE {key} IN %(keys)s

-- name: give_way
-- Rows that nobody has written since they were looked at become older than anything that is published after them. Those
-- of another instance do not: that one knows better.
UPDATE {head} SET jdp_modified = '1000-01-01', read_at = '1000-01-01'
WHERE {key} IN %(keys)s AND ({key}, COALESCE(etl_window_id, 0)) IN %(seen)s AND instance = %(instance)s

-- name: content
-- Heads of a window whose columns, and those of their lines, give another digest or number of lines than was written
-- when they were loaded; and heads of which nothing was written then. What the server cannot put together (NULL: longer
-- than max_allowed_packet) counts as other.
SELECT h.{key} AS `key`, h.content_digest IS NULL AS unknown
FROM {head} AS h
WHERE h.instance = %(instance)s AND h.jdp_modified >= %(start)s AND h.jdp_modified < %(end)s
  AND (h.content_digest IS NULL
       OR NOT (h.line_count <=> 0{counts})
       OR NOT (h.content_digest <=> CAST(CONV(LEFT(SHA2(CONCAT('{{', CONCAT_WS(',',
{fields}
), '}}'), 256), 16), 16, 10) AS UNSIGNED) & 9223372036854775807))

-- name: content_lines
(SELECT CONCAT('"{list}":{{"{element}":[', GROUP_CONCAT(CONCAT('{{', CONCAT_WS(',',
{fields}
), '}}') ORDER BY c.{order} SEPARATOR ','), ']}}') FROM {child} AS c WHERE c.{key} = h.{key})

-- name: content_bigint
CONCAT('"{field}":', {column})

-- name: content_money
CONCAT('"{field}":"', IF({column} = ROUND({column}, 2), ROUND({column}, 2), TRIM(TRAILING '0' FROM {column})), '"')

-- name: content_moment
CONCAT('"{field}":"', REPLACE(LEFT(DATE_FORMAT({column}, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23), '.000', ''), '"')

-- name: content_flag
CONCAT('"{field}":', ELT({column} + 1, 'false', 'true'))

-- name: content_text
CONCAT('"{field}":"', REPLACE(REPLACE({column}, '\\', '\\\\'), '"', '\\"'), '"')
