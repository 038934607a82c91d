"""What Taobao's APIs answer of one record, the same for its number always: for sys_info and for /router/rest."""
