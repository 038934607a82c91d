"""The columns of refunds, items, distribution, dealer and exchange orders.

Source of names and types: the field lists of taobao.refund.get, item.seller.get, fenxiao.orders.get,
fenxiao.dealer.requisitionorder.query and tmall.exchange.get in the platform's reference. A String of the reference is
text here, except amounts, and times whose form is known.
"""

from __future__ import annotations

from retail_pipeline.tables.description import columns

REFUND = columns(
    bigint="advance_status cs_status num num_iid oid refund_version tid",
    money="payment price refund_fee split_seller_fee split_taobao_fee total_fee",
    moment="created good_return_time modified",
    flag="has_good_return",
    long_text="""
        address alipay_no attribute buyer_nick company_name description=desc good_status operation_contraint
        order_status outer_id reason refund_phase seller_nick shipping_type sid sku status title
        buyer_open_uid ouid dispute_type
    """,
    json="refund_remind_timeout combine_item_info",
)

ITEM = columns(
    bigint="""
        after_sale_id auction_point cid cod_postage_id inner_shop_auction_template_id is_fenxiao num
        outer_shop_auction_template_id period_sold_quantity postage_id product_id score sold_quantity
        sub_stock valid_thru video_id volume with_hold_quantity
    """,
    money="ems_fee express_fee post_fee price",
    moment="created delist_time list_time modified first_starts_time",
    flag="""
        auto_repost has_discount has_invoice has_showcase has_warranty is_3d=is_3D is_ex
        is_lightning_consignment is_prepay is_taobao is_timing is_virtual is_xinpin one_station sell_promise
        violation ww_status is_area_sale
    """,
    long_text="""
        approve_status auto_fill barcode custom_made_type_id description=desc detail_url features
        freight_payer global_stock_country global_stock_type increment input_pids input_str item_size
        item_weight newprepay nick outer_id pic_url promoted_service property_alias props props_name
        second_kill sell_point seller_cids stuff_status template_id title type wap_desc wap_detail_url
        wireless_desc desc_modules large_screen_image_url cpv_memo
    """,
    json="""
        desc_module_info food_security item_imgs locality_life location mpic_video paimai_info prop_imgs
        videos cuntao_item_specific item_rectangle_imgs
    """,
)

SKU = columns(
    bigint="quantity",
    money="price",
    moment="created modified",
    long_text="barcode outer_id properties properties_name",
)

FX = columns(
    bigint="tc_order_id id supplier_flag channel_code",
    money="total_fee post_fee distributor_payment buyer_payment confirm_paid_fee_yuan",
    moment="created pay_time end_time consign_time modified",
    long_text="""
        supplier_from supplier_username distributor_from distributor_username buyer_taobao_id buyer_nick
        trade_type memo supplier_memo alipay_no snapshot_url status pay_type shipping logistics_company_name
        logistics_id alipay_order_no open_buyer_uid delivery_time sign_time asdp_ads delivery_cps
    """,
    json="isv_custom_key isv_custom_value features receiver order_messages logistics_infos",
)

FX_LINE = columns(
    bigint="""
        tc_order_id line_fenxiao_id=fenxiao_id item_id sku_id auction_id auction_sku_id num sc_item_id tc_discount_fee
        tc_adjust_fee
    """,
    money="""
        price total_fee distributor_payment buyer_payment refund_fee auction_price bill_fee discount_fee
    """,
    moment="created",
    long_text="""
        item_outer_id sku_outer_id sku_properties old_sku_properties title snapshot_url status
        order_200_status tc_preferential_type promotion_type
    """,
    json="features top_memo",
)

JX = columns(
    bigint="quantity_count delivered_quantity_count supplier_memo_flag",
    money="logistics_fee rebate_fee total_price",
    moment="modified_time applied_time audit_time_applier audit_time_supplier pay_time",
    long_text="""
        logistics_type order_status close_reason pay_type supplier_nick refuse_reason_supplier
        refuse_reason_applier applier_nick alipay_no supplier_memo dist_memo
    """,
    json="receiver features",
)

JX_LINE = columns(
    bigint="product_id quantity sku_id",
    money="final_price original_price price_count",
    flag="is_deleted",
    long_text="sku_spec snapshot_url product_title sku_number",
    json="features",
)

EXCHANGE = columns(
    bigint="advance_status refund_version num cs_status",
    money="price",
    moment="created modified",
    long_text="""
        buyer_logistic_no alipay_no description=desc reason attributes refund_phase exchange_sku
        buyer_address operation_contraint title seller_nick buyer_nick buyer_logistic_name status
        seller_logistic_name bought_sku seller_logistic_no time_out address good_status biz_order_id
        buyer_phone buyer_name oaid buyer_open_uid
    """,
)
