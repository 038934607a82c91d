-- Rows that nobody has written since they were looked at become older than anything that is published after them. Those
-- of another instance do not: that one knows better.
UPDATE {head} SET jdp_modified = '1000-01-01', read_at = '1000-01-01'
WHERE {key} IN %(keys)s AND ({key}, COALESCE(etl_window_id, 0)) IN %(seen)s AND instance = %(instance)s
