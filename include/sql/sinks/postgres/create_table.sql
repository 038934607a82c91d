CREATE TABLE IF NOT EXISTS {table} (
    {definitions},
    PRIMARY KEY ({key})
){indexes}
