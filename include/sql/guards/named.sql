INSERT INTO etl_guard (dag_id, subject, named_at)
SELECT dag_id, subject, %(now)s
FROM unnest(%(dag_ids)s::text[], %(subjects)s::text[]) AS guard (dag_id, subject)
ON CONFLICT (dag_id, subject) DO NOTHING
