select
    current_setting('TimeZone') as zone,
    date_trunc('day', timestamptz '2024-03-01 20:00:00+00')::varchar as day_begun
