-- The shop's own order system, as far as the demo plays it. Applied by `python -m sandbox.shop`.
CREATE TABLE IF NOT EXISTS t_store_order (
    id                 bigint         PRIMARY KEY,
    shop               text           NOT NULL,
    order_code         varchar(50)    NOT NULL,
    order_source       int            NOT NULL,  -- 1 mini-program, 2 app, 3 website
    status             varchar(20)    NOT NULL,  -- created, cancelled_unpaid, paid, cancelled_paid, shipped, finished, refunded
    create_time        timestamptz    NOT NULL,
    pay_time           timestamptz,
    ship_time          timestamptz,
    finish_time        timestamptz,
    cancel_time        timestamptz,
    goods_amount       numeric(12, 2) NOT NULL,  -- list price of all pieces
    freight_amount     numeric(12, 2) NOT NULL,
    payable_amount     numeric(12, 2) NOT NULL,  -- goods + freight - the shop's discount
    payment_amount     numeric(12, 2) NOT NULL,  -- payable - payment discount: what is, or was to be, paid
    pay_transaction_id varchar(32),
    open_id            varchar(64),              -- only of mini-program orders
    union_id           varchar(64),
    phone              varchar(20),
    receiver_name      text,
    receiver_province  text,
    receiver_city      text,
    receiver_district  text,
    receiver_address   text,
    last_modify_time   timestamptz    NOT NULL,
    UNIQUE (shop, order_code)
);
CREATE INDEX IF NOT EXISTS t_store_order_create_time_idx ON t_store_order (shop, create_time);
CREATE INDEX IF NOT EXISTS t_store_order_pay_time_idx ON t_store_order (shop, pay_time);
CREATE INDEX IF NOT EXISTS t_store_order_last_modify_time_idx ON t_store_order (last_modify_time);

-- What not every order has: the mini-program's scene, the store that sold it, its parcel.
ALTER TABLE t_store_order
    ADD COLUMN IF NOT EXISTS scene                varchar(8),
    ADD COLUMN IF NOT EXISTS store_id             varchar(32),
    ADD COLUMN IF NOT EXISTS store_name           text,
    ADD COLUMN IF NOT EXISTS store_city           text,
    ADD COLUMN IF NOT EXISTS express_company_code varchar(16),
    ADD COLUMN IF NOT EXISTS express_company_name text,
    ADD COLUMN IF NOT EXISTS express_code         varchar(32);

CREATE TABLE IF NOT EXISTS t_store_order_coupon (
    id          bigint         PRIMARY KEY,
    order_id    bigint         NOT NULL,
    coupon_type int            NOT NULL,         -- 1 the shop's own, 2 WeChat Pay's
    coupon_id   varchar(64),
    batch_id    varchar(64),
    coupon_name text,
    amount      numeric(12, 2) NOT NULL          -- what it takes off this order
);
CREATE INDEX IF NOT EXISTS t_store_order_coupon_order_id_idx ON t_store_order_coupon (order_id);

CREATE TABLE IF NOT EXISTS t_store_order_item (
    id             bigint         PRIMARY KEY,
    order_id       bigint         NOT NULL,
    sku_id         varchar(64)    NOT NULL,
    spu_id         varchar(64)    NOT NULL,      -- style number, the same for all colours and sizes
    sku_name       text           NOT NULL,
    spu_name       text           NOT NULL,
    colour         text           NOT NULL,
    size           text           NOT NULL,
    goods_num      int            NOT NULL,
    goods_price    numeric(12, 2) NOT NULL,      -- list price of one piece
    payment_amount numeric(12, 2) NOT NULL       -- of all pieces of the line; the lines add up to payment less freight
);
CREATE INDEX IF NOT EXISTS t_store_order_item_order_id_idx ON t_store_order_item (order_id);

CREATE TABLE IF NOT EXISTS t_store_order_return (
    id               bigint         PRIMARY KEY,
    shop             text           NOT NULL,
    return_code      varchar(50)    NOT NULL,
    order_id         bigint         NOT NULL,
    create_time      timestamptz    NOT NULL,
    finish_time      timestamptz,                -- when the money was given back
    goods_amount     numeric(12, 2) NOT NULL,    -- given back for the pieces
    freight_amount   numeric(12, 2) NOT NULL,    -- and for the freight
    last_modify_time timestamptz    NOT NULL,
    UNIQUE (shop, return_code)
);
CREATE INDEX IF NOT EXISTS t_store_order_return_last_modify_time_idx ON t_store_order_return (last_modify_time);

CREATE TABLE IF NOT EXISTS t_store_order_return_item (
    id            bigint         PRIMARY KEY,
    return_id     bigint         NOT NULL,
    order_item_id bigint         NOT NULL,
    goods_num     int            NOT NULL,
    amount        numeric(12, 2) NOT NULL        -- given back for all these pieces
);
CREATE INDEX IF NOT EXISTS t_store_order_return_item_return_id_idx ON t_store_order_return_item (return_id);
