SELECT GET_LOCK(CONCAT('retail schema apply ', LEFT(SHA2(DATABASE(), 256), 32)), 0) AS mine
