-- Of two looks the later counts, however they come; one that lies ahead of now is of a clock that was ahead.
INSERT INTO etl_guard AS kept (dag_id, subject, named_at, looked_at)
VALUES (%(dag_id)s, %(subject)s, %(now)s, %(now)s)
ON CONFLICT (dag_id, subject) DO UPDATE
SET looked_at = CASE WHEN kept.looked_at > excluded.looked_at + %(ahead)s THEN excluded.looked_at
                     ELSE GREATEST(kept.looked_at, excluded.looked_at) END
