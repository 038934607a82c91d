-- A number for a key that is none: the first 63 bits of its SHA-256. A view gives  youshu_key(o.order_no) AS order_id,
-- the backend calls  youshu_enqueue_order('flagship', youshu_key('SO-4711')),  and the order table has an index on
-- youshu_key(order_no). Of ten million keys two share a number once in 200,000 shops.
CREATE OR REPLACE FUNCTION youshu_key(p_key text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN ('x' || left(encode(sha256(convert_to(p_key, 'UTF8')), 'hex'), 16))::bit(64)::bigint & 9223372036854775807;
END $$;
