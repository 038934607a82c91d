-- Octets and seconds since 1970 of what came by the bulk load.
SELECT extract(epoch FROM moment)::numeric(20, 3)::text            AS moment,
       encode(convert_to(words, 'UTF8'), 'hex')                    AS words,
       amount::text                                                AS amount,
       encode(convert_to(document ->> 'buyer', 'UTF8'), 'hex')     AS document,
       (blank IS NULL)::int::text                                  AS blank,
       (missing IS NULL)::int::text                                AS missing
FROM {stage}
