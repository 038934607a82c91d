-- What the shop's backend calls, in the transaction that changed an order:  SELECT youshu_enqueue_order('flagship', 4711)
-- It reads the order through the view youshu_order_push as it is in that transaction, and adds what
-- youshu_states_to_enqueue says: a row for every state that the order has reached and that was not enqueued yet; where
-- it was changed within its state, one with the new content; where the time of a state was corrected, or an order that
-- was set aside is mended, that state and all that follow it. So a call that was forgotten is made good by the next one,
-- and calling twice does nothing.
-- Returns how many rows it added. Calls for one order wait for each other until commit.
-- A fault of ours is no fault of the shop's transaction: where the view is missing, or fails, the call returns NULL,
-- keeps the order in youshu_enqueue_fault, and the sender does the rest. SET retail.strict = on lets it raise instead.
-- It runs with the rights and the schema of whoever made it (see below), so whoever calls it needs no right but to call
-- it, and its search_path does not matter.
CREATE OR REPLACE FUNCTION youshu_enqueue_order(p_shop text, p_order_id bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    RETURN youshu_enqueue('order', p_shop, p_order_id);
END $$;

-- The same for a return, once it is finished:  SELECT youshu_enqueue_return('flagship', 815)
CREATE OR REPLACE FUNCTION youshu_enqueue_return(p_shop text, p_return_id bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    RETURN youshu_enqueue('return', p_shop, p_return_id);
END $$;

-- What both do. What is no fault of ours goes through: the transaction must be repeated (class 40), or somebody ends it
-- (class 57, a statement_timeout, too). A lock that a session of ours holds for longer than the caller's lock_timeout is
-- one; where anything fails, the lock goes with what was tried under it: whoever comes then finds the fault.
CREATE OR REPLACE FUNCTION youshu_enqueue(p_kind text, p_shop text, p_id bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    words       text;
    place       text;
    limited_by  text;
    raised_at   text;
BEGIN
    IF lower(current_setting('retail.strict', true)) IN ('on', 'true', 'yes', '1') THEN
        RETURN youshu_add(p_kind, p_shop, p_id);
    END IF;
    BEGIN
        RETURN youshu_add(p_kind, p_shop, p_id);
    EXCEPTION
        WHEN transaction_rollback OR operator_intervention THEN
            RAISE;
        WHEN OTHERS OR assert_failure THEN
            GET STACKED DIAGNOSTICS words = MESSAGE_TEXT, place = COLUMN_NAME, limited_by = CONSTRAINT_NAME,
                                    raised_at = PG_EXCEPTION_CONTEXT;
            PERFORM youshu_keep_fault(p_kind, p_shop, p_id, SQLSTATE, concat_ws(
                ' ', youshu_plain_words(SQLSTATE, words, raised_at), nullif(place, ''), nullif(limited_by, '')));
            RETURN NULL;
    END;
END $$;

-- Keeps what could not be enqueued, and since when. Where not even that can be done the transaction still goes on: the
-- nightly comparison of orders with the outbox finds what lacks.
CREATE OR REPLACE FUNCTION youshu_keep_fault(p_kind text, p_shop text, p_id bigint, p_code text, p_error text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO youshu_enqueue_fault (shop, kind, source_id, code, error, since)
    SELECT p_shop, p_kind, p_id, p_code, p_error, coalesce(min(f.since), clock_timestamp())
    FROM youshu_enqueue_fault AS f
    WHERE f.shop = p_shop AND f.kind = p_kind AND f.source_id = p_id;
EXCEPTION
    WHEN transaction_rollback OR operator_intervention THEN
        RAISE;
    WHEN OTHERS THEN
        RAISE WARNING '% % of % is not enqueued (%), and cannot be kept (%)', p_kind, p_id, p_shop, p_code, SQLSTATE;
END $$;

-- The server's words without a value, which may be a buyer's phone: a missing object is named, of all else what stands
-- before the first quotation; a routine's own words may be anything.
CREATE OR REPLACE FUNCTION youshu_plain_words(p_code text, p_words text, p_raised_at text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN p_raised_at ~ '(RAISE|ASSERT)' THEN 'a routine of the database raises it'
                WHEN p_code IN ('42P01', '42703', '42883', '42501') THEN p_words
                ELSE rtrim(substring(p_words FROM '^[^":“„«»]*')) END;
END $$;

-- What is added of an order or a return, under its lock until commit; whoever calls it hears of every fault.
CREATE OR REPLACE FUNCTION youshu_add(p_kind text, p_shop text, p_id bigint) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('youshu_' || p_kind || '/' || p_shop, p_id));
    RETURN CASE p_kind WHEN 'order' THEN youshu_add_order(p_shop, p_id) ELSE youshu_add_return(p_shop, p_id) END;
END $$;

-- What is added of an order; whoever calls it holds the order's lock.
CREATE OR REPLACE FUNCTION youshu_add_order(p_shop text, p_order_id bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    o       record;
    added   integer;
BEGIN
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

-- The same of a return.
CREATE OR REPLACE FUNCTION youshu_add_return(p_shop text, p_return_id bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    b record;
BEGIN
    SELECT * INTO b FROM youshu_return_push AS v WHERE v.shop = p_shop AND v.return_id = p_return_id;
    IF NOT FOUND OR b.finished_at IS NULL OR b.finished_at = 'infinity' OR EXISTS (
        SELECT FROM (SELECT r.request_info, r.event_time, r.status FROM t_store_youshu_request AS r
                     WHERE r.order_id = b.order_id AND r.shop = p_shop AND r.return_code = b.return_code
                     ORDER BY r.id DESC LIMIT 1) AS newest
        WHERE newest.request_info = b.detail::text
          AND (date_trunc('milliseconds', newest.event_time) = date_trunc('milliseconds', b.finished_at)
               OR newest.status = 5 AND NOT youshu_can_be_told(b.finished_at))
    ) THEN
        RETURN 0;
    END IF;
    INSERT INTO t_store_youshu_request
        (shop, order_id, order_code, order_source, push_type, return_code, event_time, total, request_info)
    VALUES (p_shop, b.order_id, b.order_code, b.order_source, '1290', b.return_code, b.finished_at, b.total,
            b.detail::text);
    RETURN 1;
END $$;

-- The two that are called from outside look for tables and views where these were made, and nowhere else: a caller's
-- search_path, or its temporary table of the same name, could make them write elsewhere. Nobody may call them but who is
-- granted to; before they had rights of their own, callers needed INSERT on the outbox, so whoever has that goes on
-- calling.
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
