-- The warehouse's rows of a table of sys_info. Templates.

-- name: digest
-- What the source says of a window (sys_info/mysql/digest), as the warehouse has it.
SELECT COUNT(*) AS total,
       COALESCE(SUM(('x' || left(encode(sha256(convert_to(concat_ws('|', {key}, to_char(jdp_modified AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS.MS'), COALESCE(jdp_hashcode, '')), 'UTF8')), 'hex'), 16))::bit(64)::bigint & 9223372036854775807), 0) AS checksum
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s

-- name: listing
SELECT {key} AS key, replace(to_char(jdp_modified AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS.MS'), '.000', '') AS modified, jdp_hashcode AS hashcode
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s

-- name: versions
-- What the warehouse has of some keys.
SELECT {key} AS key, replace(to_char(jdp_modified AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS.MS'), '.000', '') AS modified, jdp_hashcode AS hashcode
FROM {head} WHERE {key} = ANY (%(keys)s)

-- name: of_others
-- Which of some keys came from another instance.
SELECT {key} AS key FROM {head} WHERE {key} = ANY (%(keys)s) AND instance <> %(instance)s

-- name: origins
-- Which certificate speaks of the rows of some keys: who writes one anew writes another number.
SELECT {key} AS key, COALESCE(etl_window_id, 0) AS origin FROM {head} WHERE {key} = ANY (%(keys)s)

-- name: give_way
-- Rows that nobody has written since they were looked at become older than anything that is published after them. Those
-- of another instance do not: that one knows better.
UPDATE {head} AS h SET jdp_modified = '1000-01-01', read_at = '1000-01-01'
FROM unnest(%(keys)s::bigint[], %(origins)s::bigint[]) AS seen (key, origin)
WHERE h.{key} = seen.key AND COALESCE(h.etl_window_id, 0) = seen.origin AND h.instance = %(instance)s

-- name: content
-- Heads of a window whose columns, and those of their lines, give another digest or number of lines than was written
-- when they were loaded; and heads of which nothing was written then.
SELECT h.{key} AS key, h.content_digest IS NULL AS unknown
FROM {head} AS h
WHERE h.instance = %(instance)s AND h.jdp_modified >= %(start)s AND h.jdp_modified < %(end)s
  AND (h.content_digest IS NULL
       OR h.line_count IS DISTINCT FROM 0{counts}
       OR h.content_digest IS DISTINCT FROM (('x' || left(encode(sha256(convert_to('{{' || array_to_string(ARRAY[
{fields}
], ',') || '}}', 'UTF8')), 'hex'), 16))::bit(64)::bigint & 9223372036854775807))

-- name: content_lines
(SELECT '"{list}":{{"{element}":[' || string_agg('{{' || array_to_string(ARRAY[
{fields}
], ',') || '}}', ',' ORDER BY c.{order}) || ']}}' FROM {child} AS c WHERE c.{key} = h.{key})

-- name: content_bigint
'"{field}":' || {column}

-- name: content_money
'"{field}":"' || round({column}, greatest(2, min_scale({column}))) || '"'

-- name: content_moment
'"{field}":"' || replace(to_char({column} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS.MS'), '.000', '') || '"'

-- name: content_flag
'"{field}":' || {column}::text

-- name: content_text
'"{field}":"' || replace(replace({column}, E'\\', E'\\\\'), '"', E'\\"') || '"'
