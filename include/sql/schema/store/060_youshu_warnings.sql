-- What was odd with an order that Youshu has accepted, by rules of our own that no document of Youshu's states.
ALTER TABLE t_store_youshu_request ADD COLUMN IF NOT EXISTS warning text;
COMMENT ON COLUMN t_store_youshu_request.warning IS '已推送但不符合我方校验规则之处 (有数文档未规定), 如行金额加运费不等于实付';
