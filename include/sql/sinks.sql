-- Templates for described tables: their DDL, the stage, publishing, and the figures of a certificate.

-- name: add_column
ALTER TABLE {table} ADD COLUMN {definition}

-- name: empty_stage
TRUNCATE TABLE {stage}

-- name: count
SELECT COUNT(*) AS count FROM {stage}

-- name: forget
DELETE FROM {stage} WHERE {of_key}

-- name: hold
INSERT INTO {held} SELECT * FROM {stage}

-- name: held_keys
SELECT {key} FROM {held} ORDER BY {key}

-- name: unload
DELETE FROM {stage}

-- name: restage
-- Of what is held, the heads from one key to another, or their children.
INSERT INTO {stage} SELECT * FROM {held} WHERE {key} >= {first} AND {key} <= {last}

-- name: missing
SELECT s.{lookup} AS missing FROM {stage} AS s LEFT JOIN {head} AS h USING ({key})
WHERE h.{first_version} IS NULL OR {head_version} < {stage_version} OR ({head_version} > {stage_version} AND NOT ({newer}))
ORDER BY s.{lookup} LIMIT 1000
