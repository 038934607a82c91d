INSERT INTO etl_guard (dag_id, subject, named_at, looked_at)
VALUES (%(dag_id)s, %(subject)s, %(now)s, %(now)s)
ON CONFLICT (dag_id, subject) DO UPDATE SET looked_at = GREATEST(etl_guard.looked_at, excluded.looked_at)
