-- The latest row of each check.
SELECT h.*
FROM jushita_push_health AS h
JOIN (SELECT MAX(id) AS id
      FROM jushita_push_health
      GROUP BY check_name, instance, pushed_table) AS newest USING (id)
ORDER BY h.check_name, h.instance, h.pushed_table
