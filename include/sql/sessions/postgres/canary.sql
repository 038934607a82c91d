-- Octets and seconds since 1970 of what came with the statement. The time has no offset: the session's zone decides.
SELECT extract(epoch FROM %(moment)s::timestamptz)::numeric(20, 3)::text AS moment,
       encode(convert_to(%(words)s::text, 'UTF8'), 'hex')                AS words,
       %(words)s::text                                                   AS returned,
       (%(amount)s::numeric)::text                                       AS amount,
       encode(convert_to(%(document)s::jsonb ->> 'buyer', 'UTF8'), 'hex') AS document,
       (%(blank)s::text IS NULL)::int::text                              AS blank,
       (%(missing)s::text IS NULL)::int::text                            AS missing
