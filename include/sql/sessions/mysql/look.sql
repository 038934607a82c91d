-- What the server has of the settings that it knows; @@name would be an error for one that it does not know.
SHOW SESSION VARIABLES WHERE Variable_name IN %(names)s
