CREATE TEMPORARY TABLE {stage} (
    {definitions},
    PRIMARY KEY ({key})
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4
