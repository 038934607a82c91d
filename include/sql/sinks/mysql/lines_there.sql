-- Whether there are lines of any head that is staged: of new heads there are none, unless one was deleted by hand before.
SELECT 1 AS one FROM {stage} AS s STRAIGHT_JOIN {child} AS c ON {same_key} LIMIT 1
