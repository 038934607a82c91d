-- All that some certificates say.
SELECT * FROM etl_window WHERE id = ANY(%(ids)s) ORDER BY window_from DESC, account, id DESC
