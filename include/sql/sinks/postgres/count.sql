SELECT COUNT(*) AS count FROM {stage}
