-- The database sys_info of Taobao's data feed, as the platform's document lists it: names, lengths and indexes are
-- its own. What it leaves open: sandbox/taobao/open_choices.py.
CREATE TABLE IF NOT EXISTS `jdp_tb_trade` (
    tid bigint(20) NOT NULL PRIMARY KEY,
    status varchar(64),
    type varchar(64),
    seller_nick varchar(32),
    buyer_nick varchar(256),
    created datetime,
    modified datetime,
    jdp_created datetime,
    jdp_modified datetime,
    jdp_hashcode varchar(128),
    jdp_response mediumtext,
    KEY ind_jdp_tb_trade_seller_nick_jdp_modified (seller_nick, jdp_modified),
    KEY ind_jdp_tb_trade_jdp_modified (jdp_modified),
    KEY ind_jdp_tb_trade_seller_nick_modified (seller_nick, modified),
    KEY ind_jdp_tb_trade_modified (modified)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `jdp_tb_refund` (
    refund_id bigint(20) NOT NULL PRIMARY KEY,
    status varchar(64),
    seller_nick varchar(32),
    buyer_nick varchar(256),
    tid bigint(20),
    oid bigint(20),
    created datetime,
    modified datetime,
    jdp_created datetime,
    jdp_modified datetime,
    jdp_hashcode varchar(128),
    jdp_response mediumtext,
    KEY ind_jdp_tb_refund_seller_nick_jdp_modified (seller_nick, jdp_modified),
    KEY ind_jdp_tb_refund_jdp_modified (jdp_modified),
    KEY ind_jdp_tb_refund_seller_nick_modified (seller_nick, modified),
    KEY ind_jdp_tb_refund_modified (modified)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `jdp_tb_item` (
    num_iid bigint(20) NOT NULL PRIMARY KEY,
    nick varchar(32),
    approve_status varchar(32),
    cid varchar(256),
    has_showcase varchar(32),
    has_discount varchar(32),
    created datetime,
    modified datetime,
    jdp_created datetime,
    jdp_modified datetime,
    jdp_delete int(2),
    jdp_hashcode varchar(126),
    jdp_response mediumtext,
    KEY ind_jdp_tb_item_nick_jdp_modified (nick, jdp_modified),
    KEY ind_jdp_tb_item_jdp_modified (jdp_modified),
    KEY ind_jdp_tb_item_nick_modified (nick, modified),
    KEY ind_jdp_tb_item_modified (modified)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `jdp_fx_trade` (
    fenxiao_id bigint(20) NOT NULL PRIMARY KEY,
    tc_order_id varchar(32),
    status varchar(64),
    supplier_username varchar(32),
    distributor_username varchar(32),
    created datetime,
    modified datetime,
    jdp_created datetime,
    jdp_modified datetime,
    jdp_hashcode varchar(128),
    jdp_response mediumtext,
    KEY ind_jdp_fx_trade_supplier_username_jdp_modified (supplier_username, jdp_modified),
    KEY ind_jdp_fx_trade_jdp_modified (jdp_modified),
    KEY ind_jdp_fx_trade_supplier_username_modified (supplier_username, modified),
    KEY ind_jdp_fx_trade_modified (modified)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `jdp_jx_trade` (
    dealer_order_id bigint(20) NOT NULL PRIMARY KEY,
    order_status varchar(64),
    supplier_nick varchar(32),
    applier_nick varchar(32),
    applied_time datetime,
    modified_time datetime,
    jdp_created datetime,
    jdp_modified datetime,
    jdp_hashcode varchar(128),
    jdp_response mediumtext,
    KEY ind_jdp_jx_trade_supplier_nick_jdp_modified (supplier_nick, jdp_modified),
    KEY ind_jdp_jx_trade_jdp_modified (jdp_modified),
    KEY ind_jdp_jx_trade_supplier_nick_modified_time (supplier_nick, modified_time),
    KEY ind_jdp_jx_trade_modified_time (modified_time)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `jdp_exchange_refund` (
    dispute_id bigint(20) NOT NULL PRIMARY KEY,
    seller_nick varchar(128),
    buyer_nick varchar(128),
    status varchar(64),
    created datetime,
    modified datetime,
    jdp_create datetime,
    jdp_modified datetime,
    jdp_hashcode varchar(64),
    jdp_response mediumtext,
    KEY ind_jdp_exchange_refund_seller_nick_jdp_modified (seller_nick, jdp_modified),
    KEY ind_jdp_exchange_refund_jdp_modified (jdp_modified),
    KEY ind_jdp_exchange_refund_seller_nick_modified (seller_nick, modified)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
