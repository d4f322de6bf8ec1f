-- Starts a transaction.
begin transaction
