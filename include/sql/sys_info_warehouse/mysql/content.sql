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
