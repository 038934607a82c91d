-- Whether Youshu can be told a moment: it takes milliseconds of 13 digits, which are from 2001 to 2286.
CREATE OR REPLACE FUNCTION youshu_can_be_told(p_moment timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT p_moment >= '2001-09-09 01:46:40+00' AND p_moment < '2286-11-20 17:46:40+00'
$$;
