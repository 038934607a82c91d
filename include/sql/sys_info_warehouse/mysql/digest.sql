-- What the source says of a window (sys_info/mysql/digest), as the warehouse has it.
SELECT COUNT(*) AS total,
       COALESCE(SUM(CAST(CONV(LEFT(MD5(CONCAT({key}, '|', DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s'), '|', COALESCE(jdp_hashcode, ''))), 8), 16, 10) AS UNSIGNED)), 0) AS checksum
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s
