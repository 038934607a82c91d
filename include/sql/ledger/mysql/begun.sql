-- Since when there are certificates at all, and since when there is something for a comparison to look at.
SELECT MIN(started_at) AS certified,
       MIN(CASE WHEN purpose = 'scheduled' AND filters = '' AND verdict = 'complete' THEN started_at END) AS loaded
FROM etl_window
WHERE pipeline = %(pipeline)s AND account = %(account)s
