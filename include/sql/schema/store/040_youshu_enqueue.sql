-- What the shop's backend calls, in the transaction that changed an order:  SELECT youshu_enqueue_order('flagship', 4711)
-- It reads the order through the view youshu_order_push as it is in that transaction, and adds a row for every state
-- that the order has reached and that was not enqueued yet; or, where it was changed within its state, one with the
-- new content. So a call that was forgotten is made good by the next one, and calling twice does nothing.
-- Returns how many rows it added. Calls for one order wait for each other until commit.
-- It runs with the rights and the schema of whoever made it (see below), so whoever calls it needs no right but to call
-- it, and its search_path does not matter.
CREATE OR REPLACE FUNCTION youshu_enqueue_order(p_shop text, p_order_id bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    o       record;
    added   integer;
    newest  record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('youshu_order/' || p_shop, p_order_id));
    SELECT * INTO o FROM youshu_order_push AS v WHERE v.shop = p_shop AND v.order_id = p_order_id;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    INSERT INTO t_store_youshu_request
        (shop, order_id, order_code, order_source, push_type, event_time, total, request_info)
    SELECT p_shop, p_order_id, o.order_code, o.order_source, s.push_type, s.event_time, o.total, o.detail::text
    FROM (VALUES (1, '1110', o.created_at), (2, '1130', o.cancelled_unpaid_at), (3, '1150', o.paid_at),
                 (4, '1140', o.cancelled_paid_at), (5, '1160', o.shipped_at), (6, '1180', o.finished_at)
         ) AS s (rank, push_type, event_time)
    WHERE s.event_time IS NOT NULL
      AND NOT EXISTS (SELECT FROM t_store_youshu_request AS r
                      WHERE r.order_id = p_order_id AND r.shop = p_shop AND r.push_type = s.push_type)
    ORDER BY s.rank;
    GET DIAGNOSTICS added = ROW_COUNT;
    IF added > 0 THEN
        RETURN added;
    END IF;
    SELECT r.push_type, r.event_time, r.request_info INTO newest
    FROM t_store_youshu_request AS r
    WHERE r.order_id = p_order_id AND r.shop = p_shop AND r.return_code IS NULL
    ORDER BY r.state_rank DESC, r.id DESC LIMIT 1;
    IF FOUND AND newest.request_info IS DISTINCT FROM o.detail::text THEN
        INSERT INTO t_store_youshu_request
            (shop, order_id, order_code, order_source, push_type, event_time, total, request_info)
        VALUES (p_shop, p_order_id, o.order_code, o.order_source, newest.push_type, newest.event_time, o.total,
                o.detail::text);
        added := 1;
    END IF;
    RETURN added;
END $$;

-- The same for a return, once it is finished:  SELECT youshu_enqueue_return('flagship', 815)
CREATE OR REPLACE FUNCTION youshu_enqueue_return(p_shop text, p_return_id bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    b record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('youshu_return/' || p_shop, p_return_id));
    SELECT * INTO b FROM youshu_return_push AS v WHERE v.shop = p_shop AND v.return_id = p_return_id;
    IF NOT FOUND OR b.finished_at IS NULL OR b.detail::text IS NOT DISTINCT FROM (
        SELECT r.request_info FROM t_store_youshu_request AS r
        WHERE r.order_id = b.order_id AND r.shop = p_shop AND r.return_code = b.return_code
        ORDER BY r.id DESC LIMIT 1
    ) THEN
        RETURN 0;
    END IF;
    INSERT INTO t_store_youshu_request
        (shop, order_id, order_code, order_source, push_type, return_code, event_time, total, request_info)
    VALUES (p_shop, b.order_id, b.order_code, b.order_source, '1290', b.return_code, b.finished_at, b.total,
            b.detail::text);
    RETURN 1;
END $$;

-- Both look for tables and views where these were made, and nowhere else: a caller's search_path, or its temporary table
-- of the same name, could make them write elsewhere. Nobody may call them but who is granted to; before they had rights
-- of their own, callers needed INSERT on the outbox, so whoever has that goes on calling.
DO $$
DECLARE
    called  regprocedure;
    caller  text;
BEGIN
    FOREACH called IN ARRAY ARRAY['youshu_enqueue_order(text, bigint)'::regprocedure,
                                  'youshu_enqueue_return(text, bigint)'::regprocedure] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', called, current_schema());
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', called);
        FOR caller IN
            SELECT DISTINCT CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END
            FROM pg_class AS c, aclexplode(c.relacl) AS acl
            WHERE c.oid = 't_store_youshu_request'::regclass AND acl.privilege_type = 'INSERT'
        LOOP
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s', called, caller);
        END LOOP;
    END LOOP;
END $$;

-- How far the capture of changed orders has read, where the backend does not call the functions above.
CREATE TABLE IF NOT EXISTS youshu_capture (
    shop        text        NOT NULL,
    what        text        NOT NULL CHECK (what IN ('order', 'return')),
    read_until  timestamptz NOT NULL,
    PRIMARY KEY (shop, what)
);
COMMENT ON TABLE youshu_capture IS '订单捕获水位: 后端不调用入队函数的店铺, 已读至何时';
