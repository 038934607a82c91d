-- The lines of a head are put together as one text, which is cut at 1,024 bytes otherwise.
SET SESSION group_concat_max_len = 67108864
