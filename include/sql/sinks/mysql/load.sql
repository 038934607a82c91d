-- JSON lines are what LOAD DATA can be told to read: ["text",1,\N]. The later of two rows with one key wins.
LOAD DATA LOCAL INFILE {file} REPLACE INTO TABLE {into} CHARACTER SET utf8mb4
FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY '\\'
LINES STARTING BY '[' TERMINATED BY ']\n'
({columns})
