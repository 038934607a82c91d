-- Two loads that insert neighbouring keys must not lock the gaps between them.
SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED
