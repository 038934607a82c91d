-- What the warehouse has of some keys.
SELECT {key} AS `key`, REPLACE(LEFT(DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23), '.000', '') AS modified, jdp_hashcode AS hashcode
FROM {head} WHERE {key} IN %(keys)s
