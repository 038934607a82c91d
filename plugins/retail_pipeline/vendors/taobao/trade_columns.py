"""The columns of trades, their orders and promotions.

Source of names and types: the field lists of taobao.trade.fullinfo.get in the platform's reference. A String of the
reference is text here, except amounts, and times whose form is known. alipay_id occurs in stored rows only.
"""

from __future__ import annotations

from retail_pipeline.tables.description import columns

TRADE = columns(
    bigint="""
        num_iid num alipay_id point_fee real_point_fee buyer_obtain_point_fee buyer_flag seller_flag arrive_interval
        consign_interval alipay_point pcc_af et_shop_id coupon_fee top_hold forbid_consign team_buy_hold
        share_group_hold ofp_hold delay_create_delivery toptype sorted suning_shop_valid tmall_coupon_fee
    """,
    money="""
        payment discount_fee adjust_fee post_fee total_fee received_payment commission_fee price cod_fee
        buyer_cod_fee seller_cod_fee express_agency_fee available_confirm_fee credit_card_fee step_paid_fee
        yfx_fee order_tax_fee paid_coupon_fee o2o_voucher_price order_tax_promotion_fee recharge_fee
        platform_subsidy_fee m_tariff_fee invoice_detail_pay invoice_detail_mid_refund
        invoice_detail_after_refund expand_card_basic_price expand_card_expand_price
        expand_card_basic_price_used expand_card_expand_price_used
    """,
    moment="created pay_time end_time modified consign_time timeout_action_time",
    flag="""
        seller_rate buyer_rate has_post_fee is_3d=is_3D is_lgtype is_brand_sale is_force_wlb has_yfx
        can_rate seller_can_rate is_part_consign is_daixiao is_wt zero_purchase is_sh_ship post_gate_declare
        cross_bonded_declare is_gift new_presell you_xiang is_istore is_openmall v_logistics_create q_r_pay
        general_new_presell is_cycle_buy is_force_dc
    """,
    long_text="""
        buyer_open_uid title type sid acookie_id status buyer_memo seller_memo buyer_area alipay_no
        buyer_message pic_path cod_status shipping_type buyer_alipay_no receiver_name receiver_country
        receiver_state receiver_city receiver_district receiver_town receiver_address receiver_zip
        receiver_mobile receiver_phone buyer_email seller_alipay_no seller_mobile seller_phone seller_name
        seller_email snapshot_url trade_memo promotion step_trade_status eticket_ext mark_desc yfx_id
        yfx_type send_time arrive_cut_time o2o o2o_guide_id o2o_guide_name o2o_shop_id o2o_shop_name
        o2o_delivery o2o_out_trade_id shop_code est_con_time trade_from
        trade_source et_ser_time et_shop_name et_verified_shop_name et_plate_number o2o_snatch_status
        eticket_service_addr et_type market obs shop_pick rx_audit_status es_date es_range os_date os_range
        trade_attr omni_attr omni_param assembly identity o2o_step_trade_detail o2o_step_order_id
        o2o_et_order_id tid_str service_type o2o_service_mobile o2o_service_name o2o_service_state
        o2o_service_city o2o_service_district o2o_service_town o2o_service_address o2o_step_trade_detail_new
        o2o_xiaopiao o2o_contract retail_store_code retail_out_order_id nr_offline wtt_param seller_nick
        buyer_nick nr_store_order_id nr_shop_id nr_shop_name nr_shop_guide_id nr_shop_guide_name
        nr_no_handle biz_code cloud_store donee_nick donee_open_uid suning_shop_code allow_appkeys
        retail_store_id ua linkedmall_ext_info pay_channel rt_omni_send_type rt_omni_store_id
        rt_omni_outer_store_id tcps_start tcps_code tcps_end timing_promise promise_service cutoff_minutes
        es_time delivery_time collect_time dispatch_time sign_time outer_partner_member_id root_cat gifting
        gifting_takeout oi_date oi_range hold_install app_name easy_home_city_type nr_deposit_order_id
        nr_store_code propoint zqs_order_tag txp_freezer_id txp_receive_method extend_info lm
        brand_light_shop_source brand_light_shop_store_id is_wmly omni_package ncz_ext_attr delivery_cps
        asdp_biz_type order_follow_id asdp_ads ob_tag drug_register stage_address_type og_id
        promise_sign_time omnichannel_param oaid scenario_group play_type priority_consign_time
        real_name_auth_status third_party_customs_declaration receipt_type
    """,
    json="""
        service_tags service_orders trade_ext logistics_infos sort_info expandcard_info step_pay_details
        agree_refund_checks address_details delivery_plan combine_logistics_details identify_info
        logistics_consign_info logistics_modify_info logistics_agreement receipt_rel_ids
    """,
)

ORDER = columns(
    bigint="num_iid item_meal_id num cid bind_oid fqg_num trade_fulfillment_type bundle_type",
    money="""
        price total_fee payment discount_fee adjust_fee divide_order_fee part_mjz_discount sub_order_tax_fee
        md_fee assembly_price sub_order_tax_promotion_fee down_payment month_payment tail_payment penalty
        service_fee tax_coupon_discount s_tariff_fee expand_card_expand_price_used_suborder
        expand_card_basic_price_used_suborder
    """,
    moment="timeout_action_time end_time consign_time",
    flag="""
        buyer_rate seller_rate is_oversold is_service_order is_daixiao is_www is_sh_ship is_fqg_s_fee
        tax_free is_kaola is_devalue_fee is_free_gift has_gift is_force_dc need_return is_jzfx
    """,
    long_text="""
        title pic_path sku_id outer_iid outer_sku_id refund_status status sku_properties_name item_meal_name
        snapshot_url item_memo refund_id seller_type order_from shipping_type logistics_company invoice_no
        ticket_outer_id ticket_expdate_key store_code tmser_spu_code sub_order_tax_rate et_ser_time
        et_shop_name et_verified_shop_name et_plate_number estimate_con_time bind_oids zhengji_status
        md_qualification customization inv_type shipper f_type f_status f_term combo_id order_attr
        assembly_rela assembly_item down_payment_ratio installment_num car_taker car_taker_phone
        car_taker_id car_store_code car_store_name out_unique_id ws_bank_apply_no oid_str nr_reduce_inv_fail
        nr_outer_iid bind_oids_all_status o2o_guide_id o2o_guide_name o2o_shop_id o2o_shop_name biz_code
        cloud_store hj_settle_no_commission order_taking cloud_store_token cloud_store_bind_pos
        retail_store_id out_item_id rt_omni_outer_sc_id rt_omni_sc_id modify_address ti_modify_address_time
        credit_buy timing_promise promise_service es_date es_range os_date os_range cutoff_minutes es_time
        delivery_time collect_time dispatch_time sign_time promise_end_time os_activity_id os_fg_item_id
        os_gift_count os_sort_num propoint special_refund_type extend_info brand_light_shop_store_id
        brand_light_shop_source service_order_type service_outer_id lijian auto_flow distribute_status
        is_idle gift_mids promise_collect_time b2b_daixiao bundle_id bundle_out_name
        one_yuan_reservation_orders jewcc_no
    """,
    json="sort_info ship_info combine_item_info",
)

PROMOTION = columns(
    bigint="id",
    money="discount_fee kd_discount_fee kd_child_discount_fee",
    long_text="promotion_name gift_item_name gift_item_id gift_item_num promotion_desc promotion_id",
)
