"""Loading Taobao's sys_info into PostgreSQL: what ``script/bench sys-info`` measures."""
