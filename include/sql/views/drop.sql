DROP VIEW {view}
