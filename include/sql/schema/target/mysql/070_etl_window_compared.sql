-- Of installations whose etl_window was made before it had the column. MySQL knows no ADD COLUMN IF NOT EXISTS, and
-- this file may run again after it was cut.
SET @missing = (
    SELECT COUNT(*) = 0 FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = 'etl_window' AND column_name = 'compared'
);
SET @change = IF(@missing, 'ALTER TABLE etl_window ADD COLUMN compared JSON NULL COMMENT ''逐列比对: 行数, 金额/时间/文本字节之和, 两侧各一; 抽样逐字段比对的行数'' AFTER throttles', 'DO 0');
PREPARE retail_change FROM @change;
EXECUTE retail_change;
DEALLOCATE PREPARE retail_change
