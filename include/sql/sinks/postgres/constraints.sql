-- What a table checks, or a trigger changes, only at the commit would come after the comparison; so it comes at once.
SET CONSTRAINTS ALL IMMEDIATE
