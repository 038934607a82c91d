-- How long after its change each row of a window was pushed; the percentiles are those of real rows. To be marked as
-- deleted is no change that the record itself tells of.
SELECT COUNT(*) AS rows_measured,
       MIN(CASE WHEN place >= 0.5 THEN delay END) AS median_seconds,
       MIN(CASE WHEN place >= 0.99 THEN delay END) AS p99_seconds,
       AVG(CASE WHEN delay > 3 THEN 1.0 ELSE 0.0 END) AS over_3_seconds,
       AVG(CASE WHEN delay > 1200 THEN 1.0 ELSE 0.0 END) AS over_20_minutes
FROM (SELECT delay, CUME_DIST() OVER (ORDER BY delay) AS place
      FROM (SELECT EXTRACT(EPOCH FROM jdp_modified - {modified})::bigint AS delay
            FROM {head}
            WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s
              AND {modified} IS NOT NULL AND deleted IS NOT TRUE) AS delays) AS places
