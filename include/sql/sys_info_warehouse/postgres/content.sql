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
