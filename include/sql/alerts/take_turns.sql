-- Held to the end of the transaction.
SELECT pg_advisory_xact_lock(hashtext('etl_alert'), hashtext(%(watch)s))
