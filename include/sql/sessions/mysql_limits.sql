-- A value that does not fit is an error, and nobody waits for a lock for ever.
SET time_zone = '+08:00',
    sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO',
    lock_wait_timeout = 60,
    innodb_lock_wait_timeout = 60
