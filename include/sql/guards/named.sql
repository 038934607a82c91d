-- A guard that was left out for a while, when others were asked for, is asked for anew: what it did before says nothing
-- of now. Where nobody asked at all it has gone on. A moment ahead of now is of a clock that was ahead.
WITH latest AS (SELECT max(asked_at) AS asked_at FROM etl_guard WHERE asked_at <= %(now)s)
INSERT INTO etl_guard AS kept (dag_id, subject, named_at, asked_at)
SELECT dag_id, subject, %(now)s, %(now)s
FROM unnest(%(dag_ids)s::text[], %(subjects)s::text[]) AS guard (dag_id, subject)
ON CONFLICT (dag_id, subject) DO UPDATE
SET named_at  = CASE WHEN kept.asked_at < (SELECT asked_at FROM latest) - %(left_out)s THEN excluded.named_at
                     ELSE LEAST(kept.named_at, excluded.named_at) END,
    looked_at = CASE WHEN kept.asked_at < (SELECT asked_at FROM latest) - %(left_out)s THEN NULL
                     ELSE kept.looked_at END,
    asked_at  = excluded.asked_at
