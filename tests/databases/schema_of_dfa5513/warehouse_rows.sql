-- Of a day that was late and then done; of one that failed, which no channel took; of a trouble that is over, and of one
-- that lasts.
INSERT INTO etl_alert (report, shop, business_date, began_at, kind, source, title, body, send_num, sent_at)
VALUES ('wechat_youshu_report', 'flagship', '2026-11-21', '00:00', 'late', 'watchdog', 'late', 'body', 1, now()),
       ('wechat_youshu_report', 'flagship', '2026-11-21', '00:00', 'recovered', 'task', 'recovered', 'body', 1, now()),
       ('youshu_order_summary', 'flagship', '2026-11-22', '00:00', 'failed', 'task', 'failed: order sums', 'body', 2, NULL),
       ('monitor', 'push lag of rds/a', '2026-11-22', '12:00', 'trouble', 'task', 'pushed late', 'body', 1, now()),
       ('monitor', 'push lag of rds/a', '2026-11-22', '12:00', 'recovered', 'task', 'recovered', 'body', 1, now()),
       ('monitor', 'push lag of rds/a', '2026-11-23', '11:00', 'trouble', 'task', 'pushed late', 'body', 1, now());
