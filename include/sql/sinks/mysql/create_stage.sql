-- A session that loads several times has it already.
CREATE TEMPORARY TABLE IF NOT EXISTS {stage} (
    {definitions},
    PRIMARY KEY ({key})
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4
