-- What the source says of a window (sys_info/mysql/digest), as the warehouse has it.
SELECT COUNT(*) AS total,
       COALESCE(SUM(('x' || left(encode(sha256(convert_to(concat_ws('|', {key}, to_char(jdp_modified AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS.MS'), COALESCE(jdp_hashcode, '')), 'UTF8')), 'hex'), 16))::bit(64)::bigint & 9223372036854775807), 0) AS checksum
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s
