SELECT DATABASE() AS name, NOW() AS time, @@local_infile AS takes_files
