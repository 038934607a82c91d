-- Whether it can be read in the order of jdp_modified. Not joined with the question before: MariaDB 10.11 dies of that.
SELECT COUNT(*) AS indexed
FROM information_schema.statistics
WHERE table_schema = DATABASE() AND table_name = %(name)s AND column_name = 'jdp_modified' AND seq_in_index = 1
