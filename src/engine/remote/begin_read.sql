-- Begins a transaction in which nothing of the warehouse can be changed.
begin transaction read only
