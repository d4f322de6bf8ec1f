-- Undoes the changes of the running transaction.
rollback
