-- What the source says of a window (sys_info/mysql/digest), as the warehouse has it.
SELECT COUNT(*) AS total,
       COALESCE(SUM(CAST(CONV(LEFT(SHA2(CONCAT({key}, '|', LEFT(DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23), '|', COALESCE(jdp_hashcode, '')), 256), 16), 16, 10) AS UNSIGNED)
                    & 9223372036854775807), 0) AS checksum
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s
