-- What the shop's backend calls, in the transaction that changed an order:  SELECT youshu_enqueue_order('flagship', 4711)
-- It reads the order through the view youshu_order_push as it is in that transaction, and adds what
-- youshu_states_to_enqueue says: a row for every state that the order has reached and that was not enqueued yet; where
-- it was changed within its state, one with the new content; where the time of a state was corrected, or an order that
-- was set aside is mended, that state and all that follow it. So a call that was forgotten is made good by the next one,
-- and calling twice does nothing.
-- Returns how many rows it added. Calls for one order wait for each other until commit.
-- It runs with the rights and the schema of whoever made it (see below), so whoever calls it needs no right but to call
-- it, and its search_path does not matter.
CREATE OR REPLACE FUNCTION youshu_enqueue_order(p_shop text, p_order_id bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    o       record;
    added   integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('youshu_order/' || p_shop, p_order_id));
    SELECT * INTO o FROM youshu_order_push AS v WHERE v.shop = p_shop AND v.order_id = p_order_id;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    INSERT INTO t_store_youshu_request
        (shop, order_id, order_code, order_source, push_type, event_time, total, request_info, course)
    SELECT p_shop, p_order_id, o.order_code, o.order_source, s.push_type, s.event_time, o.total, o.detail::text, s.course
    FROM youshu_states_to_enqueue(
        p_shop, p_order_id, ARRAY[o.created_at, o.cancelled_unpaid_at, o.paid_at, o.cancelled_paid_at, o.shipped_at,
                                  o.finished_at], o.detail::text, false) AS s
    ORDER BY s.rank;
    GET DIAGNOSTICS added = ROW_COUNT;
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
    IF NOT FOUND OR b.finished_at IS NULL OR EXISTS (
        SELECT FROM (SELECT r.request_info, r.event_time FROM t_store_youshu_request AS r
                     WHERE r.order_id = b.order_id AND r.shop = p_shop AND r.return_code = b.return_code
                     ORDER BY r.id DESC LIMIT 1) AS newest
        WHERE newest.request_info = b.detail::text
          AND date_trunc('milliseconds', newest.event_time) = date_trunc('milliseconds', b.finished_at)
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
