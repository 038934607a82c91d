-- Which of some keys came from another instance.
SELECT {key} AS `key` FROM {head} WHERE {key} IN %(keys)s AND instance <> %(instance)s
