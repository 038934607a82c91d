-- What makes a session what our statements rely on, and proves it.

-- name: server
SELECT current_database() AS name, now() AS time

-- name: look
-- What the server has of the settings that it knows.
SELECT name, current_setting(name, true) AS value
FROM unnest(%(names)s::text[]) AS name
WHERE current_setting(name, true) IS NOT NULL

-- name: put
SELECT set_config(wanted.name, wanted.value, false)
FROM unnest(%(names)s::text[], %(values)s::text[]) AS wanted (name, value)

-- name: canary
-- Octets and seconds since 1970 of what came with the statement. The time has no offset: the session's zone decides.
SELECT extract(epoch FROM %(moment)s::timestamptz)::numeric(20, 3)::text AS moment,
       encode(convert_to(%(words)s::text, 'UTF8'), 'hex')                AS words,
       %(words)s::text                                                   AS returned,
       (%(amount)s::numeric)::text                                       AS amount,
       encode(convert_to(%(document)s::jsonb ->> 'buyer', 'UTF8'), 'hex') AS document,
       (%(blank)s::text IS NULL)::int::text                              AS blank,
       (%(missing)s::text IS NULL)::int::text                            AS missing

-- name: backend
-- The process that serves this statement.
SELECT pg_backend_pid() AS pid

-- name: listen
LISTEN {channel}

-- name: call
SELECT pg_notify('{channel}', ''), pg_backend_pid()
