-- How many rows of a window there are, and the sum of the fingerprints of all that tells one version from another: the
-- first 64 bits of their SHA-256, without the sign. The warehouse has milliseconds, whatever the source has.
SELECT COUNT(*) AS total,
       COALESCE(SUM(CAST(CONV(LEFT(SHA2(CONCAT({key}, '|', LEFT(DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23), '|', COALESCE(jdp_hashcode, '')), 256), 16), 16, 10) AS UNSIGNED)
                    & 9223372036854775807), 0) AS checksum
FROM {table}
WHERE jdp_modified >= %(start)s AND jdp_modified < %(end)s{row_filter}
