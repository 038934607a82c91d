-- The children of all heads that were staged, none of which was refused; found by their keys, as in the proof. A ctid is
-- unique within a partition only, so what it finds must have one of these keys, too; IS TRUE keeps that a look at each row.
DELETE FROM {child} WHERE ctid = ANY (ARRAY(
    SELECT c.ctid FROM {stage} AS s CROSS JOIN LATERAL (SELECT x.ctid FROM {child} AS x WHERE {of_staged} OFFSET 0) AS c
)) AND (({key}) IN (SELECT {key} FROM {stage})) IS TRUE
