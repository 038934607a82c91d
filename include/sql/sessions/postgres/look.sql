-- What the server has of the settings that it knows.
SELECT name, current_setting(name, true) AS value
FROM unnest(%(names)s::text[]) AS name
WHERE current_setting(name, true) IS NOT NULL
