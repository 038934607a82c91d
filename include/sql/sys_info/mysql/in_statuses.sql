
  AND {status} IN %(statuses)s