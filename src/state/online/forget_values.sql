-- Forgets all values of a view. ?1 view.
delete from online_values where view = ?1
