-- What the warehouse has of some keys.
SELECT {key} AS `key`, DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s') AS modified, jdp_hashcode AS hashcode
FROM {head} WHERE {key} IN %(keys)s
