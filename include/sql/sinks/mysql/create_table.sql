CREATE TABLE IF NOT EXISTS {table} (
    {definitions},
    PRIMARY KEY ({key}){indexes}
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COMMENT = '{comment}'
