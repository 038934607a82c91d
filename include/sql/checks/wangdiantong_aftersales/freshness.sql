-- No account's watermark is more than two hours behind (Shanghai time; an account that was never scheduled has none).
SELECT COALESCE(MIN(watermark) > UTC_TIMESTAMP() + INTERVAL 8 HOUR - INTERVAL 2 HOUR, 1) AS fresh
FROM etl_watermark
WHERE pipeline = 'wangdiantong_aftersales'
