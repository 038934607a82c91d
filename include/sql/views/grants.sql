-- What makes a view that is made anew belong to whom it belonged to, and be seen by whoever saw it.
SELECT format('GRANT %%s ON %%s TO %%s%%s', acl.privilege_type, c.oid::regclass,
              CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END,
              CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) AS statement
FROM pg_class AS c, aclexplode(c.relacl) AS acl
WHERE c.oid = to_regclass(%(view)s) AND acl.grantee <> c.relowner
UNION ALL
SELECT format('ALTER VIEW %%s OWNER TO %%s', c.oid::regclass, c.relowner::regrole)
FROM pg_class AS c
WHERE c.oid = to_regclass(%(view)s) AND c.relowner <> quote_ident(current_user)::regrole
