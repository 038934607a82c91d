-- Whether anything came from an instance that was changed since a moment.
SELECT 1 AS one FROM {head} WHERE instance = %(instance)s AND jdp_modified >= %(since)s LIMIT 1
