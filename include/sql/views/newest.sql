-- A shop's newest rows: how many there are, how many have a value in each column, how many share their key with another
-- one, how many have no time at all, and how many are shifted.
SELECT count(*) AS rows, count({key}) - count(DISTINCT {key}) AS repeated, count(*) FILTER (WHERE {shifted}) AS shifted,
       (SELECT count(*) FROM (SELECT FROM {view} WHERE shop = %(shop)s AND {newest} IS NULL LIMIT 1) AS one) AS undated,
       {counts}
FROM (SELECT * FROM {view} WHERE shop = %(shop)s AND {newest} >= %(since)s ORDER BY {newest} DESC LIMIT %(limit)s) AS v
