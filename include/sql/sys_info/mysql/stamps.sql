-- The newest stamp, and by how many seconds each of the newest rows at least was stamped before its own change.
SELECT MAX(jdp_modified) AS newest, MIN(TIMESTAMPDIFF(SECOND, jdp_modified, {modified})) AS early
FROM (SELECT jdp_modified, {modified} FROM {table} ORDER BY jdp_modified DESC LIMIT 20) AS latest
