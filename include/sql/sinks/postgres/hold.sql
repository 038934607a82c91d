INSERT INTO {held} SELECT * FROM {stage}
