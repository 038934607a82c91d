-- How many rows the planner thinks that a view has.
EXPLAIN (FORMAT JSON) SELECT * FROM {view}
