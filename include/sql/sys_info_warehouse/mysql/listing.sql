SELECT {key} AS `key`, DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s') AS modified, jdp_hashcode AS hashcode
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s
