-- The children of all heads that were staged, none of which was refused; found by their keys, as in the proof.
DELETE FROM {child} WHERE ctid = ANY (ARRAY(
    SELECT c.ctid FROM {stage} AS s CROSS JOIN LATERAL (SELECT x.ctid FROM {child} AS x WHERE {of_staged} OFFSET 0) AS c
))
