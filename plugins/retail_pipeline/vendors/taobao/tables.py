"""The tables of Taobao's data feed: which records each table of sys_info has, and the warehouse's tables for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from retail_pipeline.tables.description import (
    Column,
    Kind,
    Table,
    TableFamily,
    bigint,
    flag,
    json_text,
    moment,
    text,
)
from retail_pipeline.vendors.taobao.other_columns import (
    EXCHANGE,
    FX,
    FX_LINE,
    ITEM,
    JX,
    JX_LINE,
    REFUND,
    SKU,
)
from retail_pipeline.vendors.taobao.trade_columns import ORDER, PROMOTION, TRADE

# Of two readings of a row, the later change is newer, and for the same change the later reading.
VERSIONS = ("jdp_modified", "read_at")
EXTRA = json_text(
    "extra", "未映射的字段, 列中无法区分的值 (null, 空串, 零日期), 列放不下的值 (_unfit), 原样保留"
)
LINE_NO = bigint("line_no", "行序, 从 1 起", required=True)
# The digest of the record's content, for the nightly comparison.
LINE_COUNT, CONTENT_DIGEST = "line_count", "content_digest"
_PUSHED = (
    moment("jdp_created", "推送库写入时间"),
    moment("jdp_modified", "推送库更新时间, 新旧以此为准", required=True),
    text("jdp_hashcode", 128, "推送的校验值: 内容是否变化"),
    moment("read_at", "读取时间 (目标库时钟); 更新时间相同时以此为准", required=True),
    text("instance", 63, "RDS 实例 (retail.yaml 中的 name)", required=True),
    flag("deleted", "推送标记为已删除 (仅商品)"),
    bigint(LINE_COUNT, "明细行数 (所有子表), 夜间对账用"),
    bigint(CONTENT_DIGEST, "内容摘要 (本行与明细行), 夜间对账用; 空 = 旧版本装载, 未知"),
    EXTRA,
)
# Columns of our own: a record's field of the same name is not stored in them.
OWN_COLUMNS = frozenset({*(column.name for column in _PUSHED), LINE_NO.name})


@dataclass(frozen=True)
class Children:
    """A list within a record whose elements have a table of their own.

    :param path: ``orders.order``: the list's name, and that of its elements
    :param required: a record without such elements is invalid
    """

    path: tuple[str, str]
    table: Table
    required: bool = False


@dataclass(frozen=True)
class FeedTable:
    """One table of sys_info, and the warehouse's tables for its rows.

    :param name: in small letters; in a database it may be in capitals
    :param key: its primary key, and the field of the same record in jdp_response
    :param seller: its column with the seller's nick
    :param created: its column with the time of the first push
    :param modified: its column, the record's field and its head's column, with the platform's own time of the change
    :param status: its column with the business status
    :param roots: where in jdp_response the record is
    :param listed: the root holds a list with exactly one record
    :param deleted: its column that marks deleted rows
    """

    name: str
    key: str
    roots: tuple[tuple[str, ...], ...]
    head: Table
    children: tuple[Children, ...] = ()
    seller: str = "seller_nick"
    created: str = "jdp_created"
    modified: str = "modified"
    status: str = "status"
    deleted: str = ""
    listed: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of all fields of a record that have a column or a table."""
        own = {*self.head.by_field} - OWN_COLUMNS
        return tuple(sorted(own | {child.path[0] for child in self.children}))

    @cached_property
    def family(self) -> TableFamily:
        """Return its tables in the warehouse."""
        return TableFamily(
            head=self.head,
            versions=VERSIONS,
            lookup=self.key,
            children=tuple(child.table for child in self.children),
            read_at="read_at",
        )


def _head(name: str, comment: str, key: str, columns: tuple[Column, ...]) -> Table:
    return Table(
        name,
        comment,
        key=(key,),
        columns=(bigint(key, required=True), *columns, *_PUSHED),
        indexes=("jdp_modified",),
    )


def _child(name: str, comment: str, key: tuple[Column, Column], columns: tuple[Column, ...]) -> Table:
    return Table(name, comment, key=(key[0].name, key[1].name), columns=(*key, *columns, EXTRA))


def _number(name: str, field: str = "") -> Column:
    return Column(name, Kind.BIGINT, required=True, field=field)


TB_TRADE = FeedTable(
    name="jdp_tb_trade",
    key="tid",
    roots=(("trade_fullinfo_get_response", "trade"),),
    head=_head("taobao_trade", "淘宝交易: 每笔一行", "tid", TRADE),
    children=(
        Children(
            ("orders", "order"),
            _child("taobao_order", "淘宝交易的子订单", (_number("tid"), _number("oid")), ORDER),
            required=True,
        ),
        Children(
            ("promotion_details", "promotion_detail"),
            _child("taobao_promotion", "淘宝交易的优惠", (_number("tid"), LINE_NO), PROMOTION),
        ),
    ),
)
TB_REFUND = FeedTable(
    name="jdp_tb_refund",
    key="refund_id",
    roots=(("refund_get_response", "refund"),),
    head=_head("taobao_refund", "淘宝退款: 每单一行", "refund_id", REFUND),
)
TB_ITEM = FeedTable(
    name="jdp_tb_item",
    key="num_iid",
    # Rows of 2014 have the second root; we could not find out which one is pushed today.
    roots=(("item_seller_get_response", "item"), ("item_get_response", "item")),
    head=_head("taobao_item", "淘宝商品: 每个一行", "num_iid", ITEM),
    children=(
        Children(
            ("skus", "sku"),
            _child("taobao_item_sku", "淘宝商品的 SKU", (_number("num_iid"), _number("sku_id")), SKU),
        ),
    ),
    seller="nick",
    status="approve_status",
    deleted="jdp_delete",
)
FX_TRADE = FeedTable(
    name="jdp_fx_trade",
    key="fenxiao_id",
    roots=(("fenxiao_orders_get_response", "purchase_orders", "purchase_order"),),
    head=_head("taobao_fx_order", "分销采购单: 每单一行", "fenxiao_id", FX),
    children=(
        Children(
            ("sub_purchase_orders", "sub_purchase_order"),
            # A line has a fenxiao_id of its own, different from its order's.
            _child(
                "taobao_fx_order_line",
                "分销采购单的子单",
                (_number("fenxiao_id", field="(of the order)"), _number("id")),
                FX_LINE,
            ),
        ),
    ),
    seller="supplier_username",
    listed=True,
)
JX_TRADE = FeedTable(
    name="jdp_jx_trade",
    key="dealer_order_id",
    roots=(("fenxiao_dealer_requisitionorder_query_response", "dealer_orders", "dealer_order"),),
    head=_head("taobao_jx_order", "经销采购单: 每单一行", "dealer_order_id", JX),
    children=(
        Children(
            ("dealer_order_details", "dealer_order_detail"),
            _child(
                "taobao_jx_order_line",
                "经销采购单的明细",
                (_number("dealer_order_id"), _number("dealer_detail_id")),
                JX_LINE,
            ),
        ),
    ),
    seller="supplier_nick",
    status="order_status",
    modified="modified_time",
    listed=True,
)
EXCHANGE_REFUND = FeedTable(
    name="jdp_exchange_refund",
    key="dispute_id",
    roots=(("tmall_exchange_get_response", "result", "exchange"),),
    head=_head("taobao_exchange", "天猫换货: 每单一行", "dispute_id", EXCHANGE),
    created="jdp_create",
)

FEED_TABLES: Mapping[str, FeedTable] = {
    table.name: table for table in (TB_TRADE, TB_REFUND, TB_ITEM, FX_TRADE, JX_TRADE, EXCHANGE_REFUND)
}
