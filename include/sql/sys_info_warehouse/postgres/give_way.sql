-- Rows that nobody has written since they were looked at become older than anything that is published after them. Those
-- of another instance do not: that one knows better.
UPDATE {head} AS h SET jdp_modified = '1000-01-01', read_at = '1000-01-01'
FROM unnest(%(keys)s::bigint[], %(origins)s::bigint[]) AS seen (key, origin)
WHERE h.{key} = seen.key AND COALESCE(h.etl_window_id, 0) = seen.origin AND h.instance = %(instance)s
