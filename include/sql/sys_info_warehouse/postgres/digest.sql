-- What the source says of a window (sys_info/mysql/digest), as the warehouse has it.
SELECT COUNT(*) AS total,
       COALESCE(SUM(('x' || left(md5(concat_ws('|', {key}, to_char(jdp_modified, 'YYYY-MM-DD HH24:MI:SS'), COALESCE(jdp_hashcode, ''))), 8))::bit(32)::bigint), 0) AS checksum
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s
