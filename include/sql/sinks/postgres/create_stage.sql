-- Without a key: the sink itself takes care that no head is staged twice, and an index would double the work.
CREATE TEMPORARY TABLE IF NOT EXISTS {stage} (
    {definitions}
)
