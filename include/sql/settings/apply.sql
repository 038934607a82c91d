INSERT INTO etl_applied_settings (applied_at, content) VALUES (%(now)s, %(content)s::jsonb)
