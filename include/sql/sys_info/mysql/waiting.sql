-- How many rows a window has, of index entries alone; counting ends where there are many.
SELECT COUNT(*) AS waiting
FROM (SELECT 1
      FROM {table}
      WHERE jdp_modified >= %(start)s AND jdp_modified < %(end)s{row_filter}
      LIMIT %(most)s) AS counted
