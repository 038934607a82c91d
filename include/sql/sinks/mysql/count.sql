-- How many of the staged heads the table has already.
SELECT COUNT(*) AS count FROM {stage} AS s JOIN {head} AS h USING ({key})
