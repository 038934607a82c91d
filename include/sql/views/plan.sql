-- How the planner would look something up if it had to use an index.
EXPLAIN (FORMAT JSON) SELECT * FROM {view} WHERE {condition}
