,
    KEY {table}_{name} ({name})