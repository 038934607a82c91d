-- Octets and seconds since 1970 of what came by the bulk load.
SELECT CAST(UNIX_TIMESTAMP(moment) AS CHAR)                                   AS moment,
       LOWER(HEX(words))                                                      AS words,
       CAST(amount AS CHAR)                                                   AS amount,
       LOWER(HEX(JSON_UNQUOTE(JSON_EXTRACT(document, '$.buyer'))))            AS document,
       CAST(blank IS NULL AS CHAR)                                            AS blank,
       CAST(missing IS NULL AS CHAR)                                          AS missing
FROM {stage}
