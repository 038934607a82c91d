-- When each guard has looked.

-- name: looked
-- Of two looks the later counts, however they come; one that lies ahead of now is of a clock that was ahead.
INSERT INTO etl_guard AS kept (dag_id, subject, named_at, looked_at)
VALUES (%(dag_id)s, %(subject)s, %(now)s, %(now)s)
ON CONFLICT (dag_id, subject) DO UPDATE
SET looked_at = CASE WHEN kept.looked_at > excluded.looked_at + %(ahead)s THEN excluded.looked_at
                     ELSE GREATEST(kept.looked_at, excluded.looked_at) END

-- name: named
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

-- name: looks
SELECT dag_id, subject, named_at, looked_at
FROM etl_guard
JOIN unnest(%(dag_ids)s::text[], %(subjects)s::text[]) AS guard (dag_id, subject) USING (dag_id, subject)
ORDER BY dag_id, subject
