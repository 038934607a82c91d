SELECT dag_id, subject, named_at, looked_at
FROM etl_guard
JOIN unnest(%(dag_ids)s::text[], %(subjects)s::text[]) AS guard (dag_id, subject) USING (dag_id, subject)
ORDER BY dag_id, subject
