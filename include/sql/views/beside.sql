-- What is made from now on is temporary, and hides what has the same name; the session's other objects are found as ever.
SELECT set_config('search_path', 'pg_temp, ' || current_setting('search_path'), true)
