-- How many rows were pushed in a window.
SELECT COUNT(*) AS pushed
FROM {head}
WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s
