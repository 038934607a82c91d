-- When the capture found last that it had read until a moment that was yet to come: a clock had been ahead.
ALTER TABLE youshu_capture ADD COLUMN IF NOT EXISTS ahead_at timestamptz;
COMMENT ON COLUMN youshu_capture.ahead_at IS '最近一次发现水位在未来 (数据库时钟曾超前) 的时间';

-- Once: until then the reason's words alone told which rows these are.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 't_store_youshu_request'::regclass AND attname = 'untold') THEN
        ALTER TABLE t_store_youshu_request ADD COLUMN untold boolean NOT NULL DEFAULT false;
        UPDATE t_store_youshu_request SET untold = true
        WHERE status = 5 AND response_info LIKE 'not_millis: status_change_time: the state beg%';
    END IF;
END $$;
COMMENT ON COLUMN t_store_youshu_request.untold IS
    '该状态开始的时间无法告知有数 (非 13 位毫秒), event_time 为代用; 更正后重新入队, 不可直接重发';

-- A state begins at a moment that Youshu can be told. «infinity» is PostgreSQL's word for what is not yet: such a state is not reached, and nothing is enqueued. Any other moment is
-- set aside as it comes, since it stands in the order's table, and the shop's transaction must go on.
CREATE OR REPLACE FUNCTION youshu_request_moment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.event_time = 'infinity' THEN
        RETURN NULL;
    END IF;
    NEW.status := 5;
    NEW.untold := true;
    NEW.response_info := 'not_millis: status_change_time: the state begins at ' || NEW.event_time;
    NEW.event_time := clock_timestamp();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER youshu_request_moment BEFORE INSERT ON t_store_youshu_request FOR EACH ROW
    WHEN (NOT youshu_can_be_told(NEW.event_time))
    EXECUTE FUNCTION youshu_request_moment();

-- Once: what came before there was the trigger.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 't_store_youshu_request_moment_check'
                   AND conrelid = 't_store_youshu_request'::regclass) THEN
        UPDATE t_store_youshu_request
        SET response_info = 'not_millis: status_change_time: the state began at ' || event_time,
            status = CASE WHEN status IN (0, 2, 3) THEN 5 ELSE status END, untold = true, event_time = create_time, claimed_by = NULL
        WHERE NOT youshu_can_be_told(event_time);
        ALTER TABLE t_store_youshu_request ADD CONSTRAINT t_store_youshu_request_moment_check
            CHECK (youshu_can_be_told(event_time)) NOT VALID;
    END IF;
END $$;
