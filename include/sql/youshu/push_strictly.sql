SET LOCAL retail.strict = on
