DELETE FROM {stage}
