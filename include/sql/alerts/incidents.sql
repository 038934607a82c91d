-- The troubles that are not over, and what was raised of them.
SELECT shop, MIN(business_date + began_at) AS began_at, array_agg(kind) AS told
FROM etl_alert
WHERE report = %(watch)s AND over_at IS NULL
GROUP BY shop
