SELECT {key} AS `key`, REPLACE(LEFT(DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23), '.000', '') AS modified, jdp_hashcode AS hashcode
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s
