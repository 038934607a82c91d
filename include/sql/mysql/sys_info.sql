-- A table of sys_info, in a source that may be as old as MySQL 5.5. Templates.

-- name: present
-- A table of sys_info as it is called here.
SELECT table_name AS name
FROM information_schema.tables
WHERE table_schema = DATABASE() AND LOWER(table_name) = %(table)s

-- name: indexed
-- Whether it can be read in the order of jdp_modified. Not joined with the question before: MariaDB 10.11 dies of that.
SELECT COUNT(*) AS indexed
FROM information_schema.statistics
WHERE table_schema = DATABASE() AND table_name = %(name)s AND column_name = 'jdp_modified' AND seq_in_index = 1

-- name: now
SELECT NOW() AS now

-- name: any
-- Whether there is anything at all.
SELECT 1 AS one FROM {table} LIMIT 1

-- name: oldest
-- The first entry of the index on jdp_modified that is a time: before it lie NULL and 0000-00-00.
SELECT MIN(jdp_modified) AS oldest FROM {table} WHERE jdp_modified >= '1000-01-01'

-- name: stamps
-- The newest stamp, and by how many seconds each of the newest rows at least was stamped before its own change. NULL and
-- 0000-00-00 are no stamps.
SELECT MAX(jdp_modified) AS newest, MIN(TIMESTAMPDIFF(SECOND, jdp_modified, {modified})) AS early
FROM (SELECT jdp_modified, {modified} FROM {table} WHERE jdp_modified >= '1000-01-01'
      ORDER BY jdp_modified DESC LIMIT 20) AS latest

-- name: page
-- A page of rows behind the last one. The first bound of the time makes it a range of the index on jdp_modified; the
-- key tells apart those that share a second. Times and text come as the characters that are stored.
SELECT {key}, CAST({created} AS CHAR), CAST(jdp_modified AS CHAR), jdp_hashcode, {deleted}, jdp_response
FROM {table}
WHERE jdp_modified >= %(after)s AND jdp_modified < %(end)s
  AND (jdp_modified > %(after)s OR {key} > %(after_key)s){row_filter}
ORDER BY jdp_modified, {key}
LIMIT %(rows)s

-- name: listing
-- The same, without what is large: enough to see what is not there yet, or there in another version.
SELECT {key}, CAST(jdp_modified AS CHAR), jdp_hashcode
FROM {table}
WHERE jdp_modified >= %(after)s AND jdp_modified < %(end)s
  AND (jdp_modified > %(after)s OR {key} > %(after_key)s){row_filter}
ORDER BY jdp_modified, {key}
LIMIT %(rows)s

-- name: edge
-- Where the next so many rows of a window end, of index entries alone; no row where there are fewer.
SELECT jdp_modified AS edge
FROM {table}
WHERE jdp_modified >= %(start)s AND jdp_modified < %(end)s
ORDER BY jdp_modified
LIMIT 1 OFFSET %(rows)s

-- name: by_keys
SELECT {key}, CAST({created} AS CHAR), CAST(jdp_modified AS CHAR), jdp_hashcode, {deleted}, jdp_response
FROM {table}
WHERE {key} IN %(keys)s{row_filter}
ORDER BY jdp_modified, {key}

-- name: versions
-- What the source has of some keys now, without what is large.
SELECT {key}, CAST(jdp_modified AS CHAR), jdp_hashcode FROM {table} WHERE {key} IN %(keys)s{row_filter}

-- name: without_time
-- Rows that no window has: their time is NULL, or 0000-00-00, which is 0. One entry of the index has them all, by key.
SELECT {key}, CAST(jdp_modified AS CHAR), jdp_hashcode
FROM {table}
WHERE jdp_modified <=> %(no_time)s AND {key} > %(after_key)s{row_filter}
ORDER BY {key}
LIMIT %(rows)s

-- name: tally
-- What the source itself says of a window: how many rows, and the sum of their fingerprints, the first 64 bits of their
-- SHA-256, without the sign; of times in milliseconds, as the warehouse has them.
SELECT COUNT(*) AS total,
       COALESCE(SUM(CAST(CONV(LEFT(SHA2(CONCAT({key}, '|', LEFT(DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23), '000'), 256), 16), 16, 10) AS UNSIGNED)
                    & 9223372036854775807), 0) AS checksum
FROM {table}
WHERE jdp_modified >= %(start)s AND jdp_modified < %(end)s{row_filter}

-- name: digest
-- How many rows of a window there are, and the sum of the fingerprints of all that tells one version from another: the
-- first 64 bits of their SHA-256, without the sign. The warehouse has milliseconds, whatever the source has.
SELECT COUNT(*) AS total,
       COALESCE(SUM(CAST(CONV(LEFT(SHA2(CONCAT({key}, '|', LEFT(DATE_FORMAT(jdp_modified, '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23), '|', COALESCE(jdp_hashcode, '')), 256), 16), 16, 10) AS UNSIGNED)
                    & 9223372036854775807), 0) AS checksum
FROM {table}
WHERE jdp_modified >= %(start)s AND jdp_modified < %(end)s{row_filter}

-- name: of_seller
-- Whether a seller has any row: the first entry of the index on seller and time tells.
SELECT 1 AS one FROM {table} WHERE {seller} = %(nick)s LIMIT 1

-- name: next_seller
-- The seller behind another one: one entry of the index on seller and time, however many rows a seller has.
SELECT {seller} FROM {table} WHERE {seller} > %(after)s ORDER BY {seller} LIMIT 1

-- name: of_sellers
  AND {seller} IN %(sellers)s

-- name: in_statuses
  AND {status} IN %(statuses)s

-- name: waiting
-- How many rows a window has, of index entries alone; counting ends where there are many.
SELECT COUNT(*) AS waiting
FROM (SELECT 1
      FROM {table}
      WHERE jdp_modified >= %(start)s AND jdp_modified < %(end)s{row_filter}
      LIMIT %(most)s) AS counted
