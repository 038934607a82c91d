-- How many rows of a window there are, and the sum of the fingerprints of all that tells one version from another.
SELECT COUNT(*) AS total,
       COALESCE(SUM(CAST(CONV(LEFT(MD5(CONCAT({key}, '|', jdp_modified, '|', COALESCE(jdp_hashcode, ''))), 8), 16, 10) AS UNSIGNED)), 0) AS checksum
FROM {table}
WHERE jdp_modified >= %(start)s AND jdp_modified < %(end)s{only}
