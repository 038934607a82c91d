ALTER TABLE etl_window ADD COLUMN compared JSON NULL COMMENT '逐列比对: 行数, 金额/时间/文本字节之和, 两侧各一; 抽样逐字段比对的行数' AFTER throttles
