SELECT pg_try_advisory_lock(hashtextextended('retail schema apply', 0)) AS mine
