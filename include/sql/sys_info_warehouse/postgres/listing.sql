SELECT {key} AS key, replace(to_char(jdp_modified AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS.MS'), '.000', '') AS modified, jdp_hashcode AS hashcode
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s
