-- The outbox, by order: 1 has sent two states, 2 was refused for now and is due, 3 is on its way with nobody who knows
-- of it, 4 was set aside, 5 sent its newest state only and has a return that waits, 6 was not answered, 7 was not tried.
UPDATE t_store_youshu_request SET status = 1, push_num = 1, accepted_at = '2026-11-23 12:00+08', response_info = '{"retcode":0}'
WHERE order_id = 1 AND push_type IN ('1110', '1150') OR order_id = 5 AND push_type = '1150';
UPDATE t_store_youshu_request SET status = 2, push_num = 2, next_push_at = '2026-11-23 12:00+08', response_info = '{"retcode":-1}'
WHERE order_id = 2 AND push_type = '1110';
UPDATE t_store_youshu_request SET push_num = 1, claimed_by = gen_random_uuid(), next_push_at = '2026-11-23 12:00+08'
WHERE order_id = 3;
UPDATE t_store_youshu_request
SET status = 5, push_num = 1, response_info = 'sum_wrong: payment_amount', alarmed_at = '2026-11-23 12:00+08' WHERE order_id = 4;
UPDATE t_store_youshu_request SET status = 4, response_info = 'superseded' WHERE order_id = 5 AND push_type = '1110';
UPDATE t_store_youshu_request SET status = 3, push_num = 1, next_push_at = '2026-11-23 12:00+08' WHERE order_id = 6;
INSERT INTO youshu_capture VALUES ('flagship', 'order', '2026-11-23 12:00+08'), ('flagship', 'return', '2026-11-23 12:00+08');
INSERT INTO youshu_push_sender VALUES ('flagship', '2026-11-23 12:00+08', 7, 40.5, 'retcode -1', '2026-11-23 12:00+08');
INSERT INTO t_store_youshu_pv
    (shop, business_date, kind, weixin_response_info, youshu_response_info, status, row_count, pull_num, push_num,
     last_error, reported_at)
VALUES ('flagship', '2026-11-21', 'visit_page', '{"list":[1]}', '{"retcode":0}', 1, 1, 1, 1, NULL, '2026-11-23 12:00+08'),
       ('flagship', '2026-11-22', 'visit_page', '{"list": [2]}', '{"no_answer":"timeout"}', 2, 1, 1, 3, 'timeout', NULL),
       ('flagship', '2026-11-22', 'visit_distribution', NULL, NULL, 0, NULL, 2, 0, 'not ready', NULL);
INSERT INTO youshu_order_summary
    (shop, business_date, give_order_amount_sum, give_order_num_sum, payment_amount_sum, payed_num_sum, request_info,
     response_info, status, push_num, reported_at)
VALUES ('flagship', '2026-11-21', 1234.5678, 12, 1000.0001, 10, '{"sent":1}', '{"retcode":0}', 1, 1, '2026-11-23 12:00+08'),
       ('flagship', '2026-11-22', 99.95, 1, 0, 0, NULL, NULL, 0, 0, NULL);
