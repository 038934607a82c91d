-- The warehouse's rows of a table of sys_info. Templates.

-- name: loaded_since
-- Whether anything came from an instance that was changed since a moment.
SELECT 1 AS one FROM {head} WHERE instance = %(instance)s AND jdp_modified >= %(since)s LIMIT 1

-- name: content_count
 + (SELECT COUNT(*) FROM {child} AS c WHERE c.{key} = h.{key})
