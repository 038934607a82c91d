CREATE OR REPLACE FUNCTION youshu_request_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- PostgreSQL prepares no transaction that has notified: SET retail.notify = off, and the sender's sweep finds the row.
    IF lower(coalesce(current_setting('retail.notify', true), '')) NOT IN ('off', 'false', 'no', '0') THEN
        NOTIFY youshu_request;
    END IF;
    RETURN NULL;
END $$;
-- Wakes the sender when the shop commits; also for rows that something else than our functions inserts.
CREATE OR REPLACE TRIGGER youshu_request_notify AFTER INSERT ON t_store_youshu_request
    FOR EACH STATEMENT EXECUTE FUNCTION youshu_request_notify();
