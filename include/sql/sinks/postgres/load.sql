-- JSON arrays without their brackets are what COPY can be told to read: "text",1,null
COPY {into} ({columns}) FROM STDIN (FORMAT csv, QUOTE '"', ESCAPE '\', NULL 'null')
