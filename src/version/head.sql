-- Returns the version that the warehouse was last committed as or, whole, restored to; NULL before the first.
select coalesce(
    (
        select arg_max(version, restored_at)
        from wh.data_restores
        where whole and newest_version = (select max(version) from wh.data_versions)
    ),
    (select max(version) from wh.data_versions)
) as head
