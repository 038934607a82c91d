-- Of what is held, the heads from one key to another, or their children.
INSERT INTO {stage} SELECT * FROM {held} WHERE {key} >= {first} AND {key} <= {last}
