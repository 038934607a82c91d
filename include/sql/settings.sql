-- The settings as they were applied last.

-- name: apply
INSERT INTO etl_applied_settings (applied_at, content) VALUES (%(now)s, %(content)s::jsonb)

-- name: last_applied
SELECT applied_at, content FROM etl_applied_settings ORDER BY id DESC LIMIT 1
