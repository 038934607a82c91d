DELETE FROM {stage} WHERE {of_key}
