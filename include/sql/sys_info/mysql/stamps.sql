-- The newest stamp, and by how many seconds each of the newest rows at least was stamped before its own change. NULL and
-- 0000-00-00 are no stamps.
SELECT MAX(jdp_modified) AS newest, MIN(TIMESTAMPDIFF(SECOND, jdp_modified, {modified})) AS early
FROM (SELECT jdp_modified, {modified} FROM {table} WHERE jdp_modified >= '1000-01-01'
      ORDER BY jdp_modified DESC LIMIT 20) AS latest
