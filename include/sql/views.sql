-- Views over somebody else's tables: checked against their contracts, and replaced.

-- name: columns
-- The columns of a view as the session finds it, with their types; of a domain the type that it is of.
SELECT a.attname AS name, format_type(CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END, NULL) AS type
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass(%(view)s) AND a.attnum > 0 AND NOT a.attisdropped

-- name: estimated
-- How many rows the planner thinks that a view has.
EXPLAIN (FORMAT JSON) SELECT * FROM {view}

-- name: by_index
SET LOCAL enable_seqscan = off

-- name: plan
-- How the planner would look something up if it had to use an index.
EXPLAIN (FORMAT JSON) SELECT * FROM {view} WHERE {condition}

-- name: newest
-- A shop's newest rows: how many there are, how many have a value in each column, how many share their key with another
-- one, how many have no time at all, and how many are shifted.
SELECT count(*) AS rows, count({key}) - count(DISTINCT {key}) AS repeated, count(*) FILTER (WHERE {shifted}) AS shifted,
       (SELECT count(*) FROM (SELECT FROM {view} WHERE shop = %(shop)s AND {newest} IS NULL LIMIT 1) AS one) AS undated,
       {counts}
FROM (SELECT * FROM {view} WHERE shop = %(shop)s AND {newest} >= %(since)s ORDER BY {newest} DESC LIMIT %(limit)s) AS v

-- name: give_way
-- Of two that wait for each other it is this transaction that gives way, before the server ends the other one.
SELECT set_config('lock_timeout', (extract(epoch FROM current_setting('deadlock_timeout')::interval) * 500)::int::text, true)

-- name: beside
-- What is made from now on is temporary, and hides what has the same name; the session's other objects are found as ever.
SELECT set_config('search_path', 'pg_temp, ' || current_setting('search_path'), true)

-- name: grants
-- What makes a view that is made anew belong to whom it belonged to, and be seen by whoever saw it.
SELECT format('GRANT %%s ON %%s TO %%s%%s', acl.privilege_type, c.oid::regclass,
              CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END,
              CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) AS statement
FROM pg_class AS c, aclexplode(c.relacl) AS acl
WHERE c.oid = to_regclass(%(view)s) AND acl.grantee <> c.relowner
UNION ALL
SELECT format('ALTER VIEW %%s OWNER TO %%s', c.oid::regclass, c.relowner::regrole)
FROM pg_class AS c
WHERE c.oid = to_regclass(%(view)s) AND c.relowner <> quote_ident(current_user)::regrole

-- name: drop
DROP VIEW {view}
