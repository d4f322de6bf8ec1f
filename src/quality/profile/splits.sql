-- Returns how many classes there are.
select count(*) as n_splits from profile_splits
