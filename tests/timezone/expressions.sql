-- Expressions over time zones, one a line; each must give with us what it gives with DuckDB's ICU extension: the same
-- text and type, or an error with both. `-- zone: Z` sets the session's zone for the lines below it.


-- zone: America/New_York
timestamptz '2021-03-14 01:59:59.999999-05'
timestamptz '2021-03-14 01:59:59.999999-05' + interval '1 day'
timestamptz '2021-03-14 01:59:59.999999-05' + interval '-1 month'
timestamptz '2021-03-14 01:59:59.999999-05' - interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
date_trunc('hour', timestamptz '2021-03-14 01:59:59.999999-05')
date_trunc('year', timestamptz '2021-03-14 01:59:59.999999-05')
date_trunc('decade', timestamptz '2021-03-14 01:59:59.999999-05')
date_part('year', timestamptz '2021-03-14 01:59:59.999999-05')
extract(isodow from timestamptz '2021-03-14 01:59:59.999999-05')
date_part(['year', 'timezone', 'hour'], timestamptz '2021-03-14 01:59:59.999999-05')
(timestamptz '2021-03-14 01:59:59.999999-05')::date
strftime(timestamptz '2021-03-14 01:59:59.999999-05', '%Y-%m-%d %H:%M:%S.%f %z %Z')
time_bucket(interval '1 day', timestamptz '2021-03-14 01:59:59.999999-05', 'America/New_York')
timestamptz '2021-03-14 03:00:00-04'
timestamptz '2021-03-14 03:00:00-04' + interval '-1 day'
timestamptz '2021-03-14 03:00:00-04' + interval '25 hours'
timestamptz '2021-03-14 03:00:00-04' - interval '-1 month -1 day -3 hours'
date_trunc('day', timestamptz '2021-03-14 03:00:00-04')
date_trunc('minute', timestamptz '2021-03-14 03:00:00-04')
date_trunc('century', timestamptz '2021-03-14 03:00:00-04')
date_part('month', timestamptz '2021-03-14 03:00:00-04')
extract(week from timestamptz '2021-03-14 03:00:00-04')
date_part(['month', 'timezone_hour', 'hour'], timestamptz '2021-03-14 03:00:00-04')
(timestamptz '2021-03-14 03:00:00-04')::timestamp
strftime(timestamptz '2021-03-14 03:00:00-04', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
timestamptz '2021-03-14 03:00:00-04' - timestamptz '2021-03-14 01:59:59.999999-05'
age(timestamptz '2021-03-14 01:59:59.999999-05', timestamptz '2021-03-14 03:00:00-04')
age(timestamptz '2021-03-14 03:00:00-04', timestamptz '2021-03-14 01:59:59.999999-05')
date_diff('hour', timestamptz '2021-03-14 01:59:59.999999-05', timestamptz '2021-03-14 03:00:00-04')
date_sub('hour', timestamptz '2021-03-14 03:00:00-04', timestamptz '2021-03-14 01:59:59.999999-05')
date_diff('minute', timestamptz '2021-03-14 01:59:59.999999-05', timestamptz '2021-03-14 03:00:00-04')
date_sub('minute', timestamptz '2021-03-14 03:00:00-04', timestamptz '2021-03-14 01:59:59.999999-05')
time_bucket(interval '3 hours', timestamptz '2021-03-14 03:00:00-04', 'America/New_York')
timestamptz '2021-11-07 01:30:00-04'
timestamptz '2021-11-07 01:30:00-04' + interval '1 month'
timestamptz '2021-11-07 01:30:00-04' + interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
timestamptz '2021-11-07 01:30:00-04' - interval '1 month -1 day 12 hours'
date_trunc('week', timestamptz '2021-11-07 01:30:00-04')
date_trunc('second', timestamptz '2021-11-07 01:30:00-04')
date_trunc('millennium', timestamptz '2021-11-07 01:30:00-04')
date_part('day', timestamptz '2021-11-07 01:30:00-04')
extract(isoyear from timestamptz '2021-11-07 01:30:00-04')
date_part(['day', 'timezone_minute', 'hour'], timestamptz '2021-11-07 01:30:00-04')
(timestamptz '2021-11-07 01:30:00-04')::timetz
strftime(timestamptz '2021-11-07 01:30:00-04', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '2021-11-07 01:30:00-04' - timestamptz '2021-03-14 03:00:00-04'
age(timestamptz '2021-03-14 03:00:00-04', timestamptz '2021-11-07 01:30:00-04')
age(timestamptz '2021-11-07 01:30:00-04', timestamptz '2021-03-14 03:00:00-04')
date_diff('month', timestamptz '2021-03-14 03:00:00-04', timestamptz '2021-11-07 01:30:00-04')
date_sub('month', timestamptz '2021-11-07 01:30:00-04', timestamptz '2021-03-14 03:00:00-04')
date_diff('quarter', timestamptz '2021-03-14 03:00:00-04', timestamptz '2021-11-07 01:30:00-04')
date_sub('quarter', timestamptz '2021-11-07 01:30:00-04', timestamptz '2021-03-14 03:00:00-04')
time_bucket(interval '1 month', timestamptz '2021-11-07 01:30:00-04', 'America/New_York')
timestamptz '2021-11-07 01:30:00-05'
timestamptz '2021-11-07 01:30:00-05' + interval '-1 month'
timestamptz '2021-11-07 01:30:00-05' + interval '-1 month -1 day -3 hours'
timestamptz '2021-11-07 01:30:00-05' - interval '0 days'
date_trunc('month', timestamptz '2021-11-07 01:30:00-05')
date_trunc('millisecond', timestamptz '2021-11-07 01:30:00-05')
date_trunc('hour', timestamptz '2021-11-07 01:30:00-05')
date_part('hour', timestamptz '2021-11-07 01:30:00-05')
extract(yearweek from timestamptz '2021-11-07 01:30:00-05')
date_part(['hour', 'julian', 'hour'], timestamptz '2021-11-07 01:30:00-05')
(timestamptz '2021-11-07 01:30:00-05')::varchar
strftime(timestamptz '2021-11-07 01:30:00-05', '%Y-%m-%d %H:%M:%S.%f %z %Z')
timestamptz '2021-11-07 01:30:00-05' - timestamptz '2021-11-07 01:30:00-04'
age(timestamptz '2021-11-07 01:30:00-04', timestamptz '2021-11-07 01:30:00-05')
age(timestamptz '2021-11-07 01:30:00-05', timestamptz '2021-11-07 01:30:00-04')
date_diff('week', timestamptz '2021-11-07 01:30:00-04', timestamptz '2021-11-07 01:30:00-05')
date_sub('week', timestamptz '2021-11-07 01:30:00-05', timestamptz '2021-11-07 01:30:00-04')
date_diff('second', timestamptz '2021-11-07 01:30:00-04', timestamptz '2021-11-07 01:30:00-05')
date_sub('second', timestamptz '2021-11-07 01:30:00-05', timestamptz '2021-11-07 01:30:00-04')
time_bucket(interval '1 week', timestamptz '2021-11-07 01:30:00-05', 'America/New_York')
timestamptz '1880-07-01 10:00:30+00'
timestamptz '1880-07-01 10:00:30+00' + interval '25 hours'
timestamptz '1880-07-01 10:00:30+00' + interval '1 month -1 day 12 hours'
timestamptz '1880-07-01 10:00:30+00' - interval '90 minutes'
date_trunc('quarter', timestamptz '1880-07-01 10:00:30+00')
date_trunc('isoyear', timestamptz '1880-07-01 10:00:30+00')
date_trunc('day', timestamptz '1880-07-01 10:00:30+00')
date_part('minute', timestamptz '1880-07-01 10:00:30+00')
extract(doy from timestamptz '1880-07-01 10:00:30+00')
date_part(['minute', 'era', 'hour'], timestamptz '1880-07-01 10:00:30+00')
(timestamptz '1880-07-01 10:00:30+00')::timestamp_ms
strftime(timestamptz '1880-07-01 10:00:30+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
timestamptz '1880-07-01 10:00:30+00' - timestamptz '2021-11-07 01:30:00-05'
age(timestamptz '2021-11-07 01:30:00-05', timestamptz '1880-07-01 10:00:30+00')
age(timestamptz '1880-07-01 10:00:30+00', timestamptz '2021-11-07 01:30:00-05')
date_diff('year', timestamptz '2021-11-07 01:30:00-05', timestamptz '1880-07-01 10:00:30+00')
date_sub('year', timestamptz '1880-07-01 10:00:30+00', timestamptz '2021-11-07 01:30:00-05')
date_diff('isoyear', timestamptz '2021-11-07 01:30:00-05', timestamptz '1880-07-01 10:00:30+00')
date_sub('isoyear', timestamptz '1880-07-01 10:00:30+00', timestamptz '2021-11-07 01:30:00-05')
time_bucket(interval '5 minutes', timestamptz '1880-07-01 10:00:30+00', 'America/New_York')
timestamptz '1883-11-18 17:00:00+00'
timestamptz '1883-11-18 17:00:00+00' + interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
timestamptz '1883-11-18 17:00:00+00' + interval '0 days'
timestamptz '1883-11-18 17:00:00+00' - interval '1 day'
date_trunc('year', timestamptz '1883-11-18 17:00:00+00')
date_trunc('decade', timestamptz '1883-11-18 17:00:00+00')
date_trunc('week', timestamptz '1883-11-18 17:00:00+00')
date_part('second', timestamptz '1883-11-18 17:00:00+00')
extract(quarter from timestamptz '1883-11-18 17:00:00+00')
date_part(['second', 'decade', 'hour'], timestamptz '1883-11-18 17:00:00+00')
(timestamptz '1883-11-18 17:00:00+00')::timestamp_s
strftime(timestamptz '1883-11-18 17:00:00+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '1883-11-18 17:00:00+00' - timestamptz '1880-07-01 10:00:30+00'
age(timestamptz '1880-07-01 10:00:30+00', timestamptz '1883-11-18 17:00:00+00')
age(timestamptz '1883-11-18 17:00:00+00', timestamptz '1880-07-01 10:00:30+00')
date_diff('minute', timestamptz '1880-07-01 10:00:30+00', timestamptz '1883-11-18 17:00:00+00')
date_sub('minute', timestamptz '1883-11-18 17:00:00+00', timestamptz '1880-07-01 10:00:30+00')
date_diff('day', timestamptz '1880-07-01 10:00:30+00', timestamptz '1883-11-18 17:00:00+00')
date_sub('day', timestamptz '1883-11-18 17:00:00+00', timestamptz '1880-07-01 10:00:30+00')
time_bucket(interval '2 years', timestamptz '1883-11-18 17:00:00+00', 'America/New_York')
timestamptz '1969-12-31 23:59:59.5+00'
timestamptz '1969-12-31 23:59:59.5+00' + interval '-1 month -1 day -3 hours'
timestamptz '1969-12-31 23:59:59.5+00' + interval '90 minutes'
timestamptz '1969-12-31 23:59:59.5+00' - interval '-1 day'
date_trunc('minute', timestamptz '1969-12-31 23:59:59.5+00')
date_trunc('century', timestamptz '1969-12-31 23:59:59.5+00')
date_trunc('month', timestamptz '1969-12-31 23:59:59.5+00')
date_part('dow', timestamptz '1969-12-31 23:59:59.5+00')
extract(epoch from timestamptz '1969-12-31 23:59:59.5+00')
date_part(['dow', 'century', 'hour'], timestamptz '1969-12-31 23:59:59.5+00')
(timestamptz '1969-12-31 23:59:59.5+00')::date
strftime(timestamptz '1969-12-31 23:59:59.5+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
timestamptz '1969-12-31 23:59:59.5+00' - timestamptz '1883-11-18 17:00:00+00'
age(timestamptz '1883-11-18 17:00:00+00', timestamptz '1969-12-31 23:59:59.5+00')
age(timestamptz '1969-12-31 23:59:59.5+00', timestamptz '1883-11-18 17:00:00+00')
date_diff('quarter', timestamptz '1883-11-18 17:00:00+00', timestamptz '1969-12-31 23:59:59.5+00')
date_sub('quarter', timestamptz '1969-12-31 23:59:59.5+00', timestamptz '1883-11-18 17:00:00+00')
date_diff('hour', timestamptz '1883-11-18 17:00:00+00', timestamptz '1969-12-31 23:59:59.5+00')
date_sub('hour', timestamptz '1969-12-31 23:59:59.5+00', timestamptz '1883-11-18 17:00:00+00')
time_bucket(interval '1 day', timestamptz '1969-12-31 23:59:59.5+00', 'America/New_York')
timestamptz '2024-02-29 12:00:00+00'
timestamptz '2024-02-29 12:00:00+00' + interval '1 month -1 day 12 hours'
timestamptz '2024-02-29 12:00:00+00' + interval '1 day'
timestamptz '2024-02-29 12:00:00+00' - interval '1 month'
date_trunc('second', timestamptz '2024-02-29 12:00:00+00')
date_trunc('millennium', timestamptz '2024-02-29 12:00:00+00')
date_trunc('quarter', timestamptz '2024-02-29 12:00:00+00')
date_part('isodow', timestamptz '2024-02-29 12:00:00+00')
extract(timezone from timestamptz '2024-02-29 12:00:00+00')
date_part(['isodow', 'millennium', 'hour'], timestamptz '2024-02-29 12:00:00+00')
(timestamptz '2024-02-29 12:00:00+00')::timestamp
strftime(timestamptz '2024-02-29 12:00:00+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
timestamptz '2024-02-29 12:00:00+00' - timestamptz '1969-12-31 23:59:59.5+00'
age(timestamptz '1969-12-31 23:59:59.5+00', timestamptz '2024-02-29 12:00:00+00')
age(timestamptz '2024-02-29 12:00:00+00', timestamptz '1969-12-31 23:59:59.5+00')
date_diff('second', timestamptz '1969-12-31 23:59:59.5+00', timestamptz '2024-02-29 12:00:00+00')
date_sub('second', timestamptz '2024-02-29 12:00:00+00', timestamptz '1969-12-31 23:59:59.5+00')
date_diff('month', timestamptz '1969-12-31 23:59:59.5+00', timestamptz '2024-02-29 12:00:00+00')
date_sub('month', timestamptz '2024-02-29 12:00:00+00', timestamptz '1969-12-31 23:59:59.5+00')
time_bucket(interval '3 hours', timestamptz '2024-02-29 12:00:00+00', 'America/New_York')

-- zone: Europe/Berlin
timestamptz '2022-03-27 00:59:59+00'
timestamptz '2022-03-27 00:59:59+00' + interval '0 days'
timestamptz '2022-03-27 00:59:59+00' + interval '-1 day'
timestamptz '2022-03-27 00:59:59+00' - interval '-1 month'
date_trunc('millisecond', timestamptz '2022-03-27 00:59:59+00')
date_trunc('hour', timestamptz '2022-03-27 00:59:59+00')
date_trunc('year', timestamptz '2022-03-27 00:59:59+00')
date_part('week', timestamptz '2022-03-27 00:59:59+00')
extract(timezone_hour from timestamptz '2022-03-27 00:59:59+00')
date_part(['week', 'millisecond', 'hour'], timestamptz '2022-03-27 00:59:59+00')
(timestamptz '2022-03-27 00:59:59+00')::timetz
strftime(timestamptz '2022-03-27 00:59:59+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
time_bucket(interval '1 month', timestamptz '2022-03-27 00:59:59+00', 'Europe/Berlin')
timestamptz '2022-03-27 01:00:00+00'
timestamptz '2022-03-27 01:00:00+00' + interval '90 minutes'
timestamptz '2022-03-27 01:00:00+00' + interval '1 month'
timestamptz '2022-03-27 01:00:00+00' - interval '25 hours'
date_trunc('isoyear', timestamptz '2022-03-27 01:00:00+00')
date_trunc('day', timestamptz '2022-03-27 01:00:00+00')
date_trunc('minute', timestamptz '2022-03-27 01:00:00+00')
date_part('isoyear', timestamptz '2022-03-27 01:00:00+00')
extract(timezone_minute from timestamptz '2022-03-27 01:00:00+00')
date_part(['isoyear', 'microsecond', 'hour'], timestamptz '2022-03-27 01:00:00+00')
(timestamptz '2022-03-27 01:00:00+00')::varchar
strftime(timestamptz '2022-03-27 01:00:00+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
timestamptz '2022-03-27 01:00:00+00' - timestamptz '2022-03-27 00:59:59+00'
age(timestamptz '2022-03-27 00:59:59+00', timestamptz '2022-03-27 01:00:00+00')
age(timestamptz '2022-03-27 01:00:00+00', timestamptz '2022-03-27 00:59:59+00')
date_diff('day', timestamptz '2022-03-27 00:59:59+00', timestamptz '2022-03-27 01:00:00+00')
date_sub('day', timestamptz '2022-03-27 01:00:00+00', timestamptz '2022-03-27 00:59:59+00')
date_diff('year', timestamptz '2022-03-27 00:59:59+00', timestamptz '2022-03-27 01:00:00+00')
date_sub('year', timestamptz '2022-03-27 01:00:00+00', timestamptz '2022-03-27 00:59:59+00')
time_bucket(interval '1 week', timestamptz '2022-03-27 01:00:00+00', 'Europe/Berlin')
timestamptz '2022-10-30 00:30:00+00'
timestamptz '2022-10-30 00:30:00+00' + interval '1 day'
timestamptz '2022-10-30 00:30:00+00' + interval '-1 month'
timestamptz '2022-10-30 00:30:00+00' - interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
date_trunc('decade', timestamptz '2022-10-30 00:30:00+00')
date_trunc('week', timestamptz '2022-10-30 00:30:00+00')
date_trunc('second', timestamptz '2022-10-30 00:30:00+00')
date_part('yearweek', timestamptz '2022-10-30 00:30:00+00')
extract(julian from timestamptz '2022-10-30 00:30:00+00')
date_part(['yearweek', 'year', 'hour'], timestamptz '2022-10-30 00:30:00+00')
(timestamptz '2022-10-30 00:30:00+00')::timestamp_ms
strftime(timestamptz '2022-10-30 00:30:00+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
timestamptz '2022-10-30 00:30:00+00' - timestamptz '2022-03-27 01:00:00+00'
age(timestamptz '2022-03-27 01:00:00+00', timestamptz '2022-10-30 00:30:00+00')
age(timestamptz '2022-10-30 00:30:00+00', timestamptz '2022-03-27 01:00:00+00')
date_diff('hour', timestamptz '2022-03-27 01:00:00+00', timestamptz '2022-10-30 00:30:00+00')
date_sub('hour', timestamptz '2022-10-30 00:30:00+00', timestamptz '2022-03-27 01:00:00+00')
date_diff('minute', timestamptz '2022-03-27 01:00:00+00', timestamptz '2022-10-30 00:30:00+00')
date_sub('minute', timestamptz '2022-10-30 00:30:00+00', timestamptz '2022-03-27 01:00:00+00')
time_bucket(interval '5 minutes', timestamptz '2022-10-30 00:30:00+00', 'Europe/Berlin')
timestamptz '2022-10-30 01:30:00+00'
timestamptz '2022-10-30 01:30:00+00' + interval '-1 day'
timestamptz '2022-10-30 01:30:00+00' + interval '25 hours'
timestamptz '2022-10-30 01:30:00+00' - interval '-1 month -1 day -3 hours'
date_trunc('century', timestamptz '2022-10-30 01:30:00+00')
date_trunc('month', timestamptz '2022-10-30 01:30:00+00')
date_trunc('millisecond', timestamptz '2022-10-30 01:30:00+00')
date_part('doy', timestamptz '2022-10-30 01:30:00+00')
extract(era from timestamptz '2022-10-30 01:30:00+00')
date_part(['doy', 'month', 'hour'], timestamptz '2022-10-30 01:30:00+00')
(timestamptz '2022-10-30 01:30:00+00')::timestamp_s
strftime(timestamptz '2022-10-30 01:30:00+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '2022-10-30 01:30:00+00' - timestamptz '2022-10-30 00:30:00+00'
age(timestamptz '2022-10-30 00:30:00+00', timestamptz '2022-10-30 01:30:00+00')
age(timestamptz '2022-10-30 01:30:00+00', timestamptz '2022-10-30 00:30:00+00')
date_diff('month', timestamptz '2022-10-30 00:30:00+00', timestamptz '2022-10-30 01:30:00+00')
date_sub('month', timestamptz '2022-10-30 01:30:00+00', timestamptz '2022-10-30 00:30:00+00')
date_diff('quarter', timestamptz '2022-10-30 00:30:00+00', timestamptz '2022-10-30 01:30:00+00')
date_sub('quarter', timestamptz '2022-10-30 01:30:00+00', timestamptz '2022-10-30 00:30:00+00')
time_bucket(interval '2 years', timestamptz '2022-10-30 01:30:00+00', 'Europe/Berlin')
timestamptz '1892-01-01 00:00:00+00'
timestamptz '1892-01-01 00:00:00+00' + interval '1 month'
timestamptz '1892-01-01 00:00:00+00' + interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
timestamptz '1892-01-01 00:00:00+00' - interval '1 month -1 day 12 hours'
date_trunc('millennium', timestamptz '1892-01-01 00:00:00+00')
date_trunc('quarter', timestamptz '1892-01-01 00:00:00+00')
date_trunc('isoyear', timestamptz '1892-01-01 00:00:00+00')
date_part('quarter', timestamptz '1892-01-01 00:00:00+00')
extract(decade from timestamptz '1892-01-01 00:00:00+00')
date_part(['quarter', 'day', 'hour'], timestamptz '1892-01-01 00:00:00+00')
(timestamptz '1892-01-01 00:00:00+00')::date
strftime(timestamptz '1892-01-01 00:00:00+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
timestamptz '1892-01-01 00:00:00+00' - timestamptz '2022-10-30 01:30:00+00'
age(timestamptz '2022-10-30 01:30:00+00', timestamptz '1892-01-01 00:00:00+00')
age(timestamptz '1892-01-01 00:00:00+00', timestamptz '2022-10-30 01:30:00+00')
date_diff('week', timestamptz '2022-10-30 01:30:00+00', timestamptz '1892-01-01 00:00:00+00')
date_sub('week', timestamptz '1892-01-01 00:00:00+00', timestamptz '2022-10-30 01:30:00+00')
date_diff('second', timestamptz '2022-10-30 01:30:00+00', timestamptz '1892-01-01 00:00:00+00')
date_sub('second', timestamptz '1892-01-01 00:00:00+00', timestamptz '2022-10-30 01:30:00+00')
time_bucket(interval '1 day', timestamptz '1892-01-01 00:00:00+00', 'Europe/Berlin')
timestamptz '1945-05-24 01:30:00+00'
timestamptz '1945-05-24 01:30:00+00' + interval '-1 month'
timestamptz '1945-05-24 01:30:00+00' + interval '-1 month -1 day -3 hours'
timestamptz '1945-05-24 01:30:00+00' - interval '0 days'
date_trunc('hour', timestamptz '1945-05-24 01:30:00+00')
date_trunc('year', timestamptz '1945-05-24 01:30:00+00')
date_trunc('decade', timestamptz '1945-05-24 01:30:00+00')
date_part('epoch', timestamptz '1945-05-24 01:30:00+00')
extract(century from timestamptz '1945-05-24 01:30:00+00')
date_part(['epoch', 'hour', 'hour'], timestamptz '1945-05-24 01:30:00+00')
(timestamptz '1945-05-24 01:30:00+00')::timestamp
strftime(timestamptz '1945-05-24 01:30:00+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
timestamptz '1945-05-24 01:30:00+00' - timestamptz '1892-01-01 00:00:00+00'
age(timestamptz '1892-01-01 00:00:00+00', timestamptz '1945-05-24 01:30:00+00')
age(timestamptz '1945-05-24 01:30:00+00', timestamptz '1892-01-01 00:00:00+00')
date_diff('year', timestamptz '1892-01-01 00:00:00+00', timestamptz '1945-05-24 01:30:00+00')
date_sub('year', timestamptz '1945-05-24 01:30:00+00', timestamptz '1892-01-01 00:00:00+00')
date_diff('isoyear', timestamptz '1892-01-01 00:00:00+00', timestamptz '1945-05-24 01:30:00+00')
date_sub('isoyear', timestamptz '1945-05-24 01:30:00+00', timestamptz '1892-01-01 00:00:00+00')
time_bucket(interval '3 hours', timestamptz '1945-05-24 01:30:00+00', 'Europe/Berlin')
timestamptz '2100-07-01 00:00:00+00'
timestamptz '2100-07-01 00:00:00+00' + interval '25 hours'
timestamptz '2100-07-01 00:00:00+00' + interval '1 month -1 day 12 hours'
timestamptz '2100-07-01 00:00:00+00' - interval '90 minutes'
date_trunc('day', timestamptz '2100-07-01 00:00:00+00')
date_trunc('minute', timestamptz '2100-07-01 00:00:00+00')
date_trunc('century', timestamptz '2100-07-01 00:00:00+00')
date_part('timezone', timestamptz '2100-07-01 00:00:00+00')
extract(millennium from timestamptz '2100-07-01 00:00:00+00')
date_part(['timezone', 'minute', 'hour'], timestamptz '2100-07-01 00:00:00+00')
(timestamptz '2100-07-01 00:00:00+00')::timetz
strftime(timestamptz '2100-07-01 00:00:00+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '2100-07-01 00:00:00+00' - timestamptz '1945-05-24 01:30:00+00'
age(timestamptz '1945-05-24 01:30:00+00', timestamptz '2100-07-01 00:00:00+00')
age(timestamptz '2100-07-01 00:00:00+00', timestamptz '1945-05-24 01:30:00+00')
date_diff('minute', timestamptz '1945-05-24 01:30:00+00', timestamptz '2100-07-01 00:00:00+00')
date_sub('minute', timestamptz '2100-07-01 00:00:00+00', timestamptz '1945-05-24 01:30:00+00')
date_diff('day', timestamptz '1945-05-24 01:30:00+00', timestamptz '2100-07-01 00:00:00+00')
date_sub('day', timestamptz '2100-07-01 00:00:00+00', timestamptz '1945-05-24 01:30:00+00')
time_bucket(interval '1 month', timestamptz '2100-07-01 00:00:00+00', 'Europe/Berlin')

-- zone: Asia/Kathmandu
timestamptz '1985-12-31 18:29:59+00'
timestamptz '1985-12-31 18:29:59+00' + interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
timestamptz '1985-12-31 18:29:59+00' + interval '0 days'
timestamptz '1985-12-31 18:29:59+00' - interval '1 day'
date_trunc('week', timestamptz '1985-12-31 18:29:59+00')
date_trunc('second', timestamptz '1985-12-31 18:29:59+00')
date_trunc('millennium', timestamptz '1985-12-31 18:29:59+00')
date_part('timezone_hour', timestamptz '1985-12-31 18:29:59+00')
extract(millisecond from timestamptz '1985-12-31 18:29:59+00')
date_part(['timezone_hour', 'second', 'hour'], timestamptz '1985-12-31 18:29:59+00')
(timestamptz '1985-12-31 18:29:59+00')::varchar
strftime(timestamptz '1985-12-31 18:29:59+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
time_bucket(interval '1 week', timestamptz '1985-12-31 18:29:59+00', 'Asia/Kathmandu')
timestamptz '1985-12-31 18:30:00+00'
timestamptz '1985-12-31 18:30:00+00' + interval '-1 month -1 day -3 hours'
timestamptz '1985-12-31 18:30:00+00' + interval '90 minutes'
timestamptz '1985-12-31 18:30:00+00' - interval '-1 day'
date_trunc('month', timestamptz '1985-12-31 18:30:00+00')
date_trunc('millisecond', timestamptz '1985-12-31 18:30:00+00')
date_trunc('hour', timestamptz '1985-12-31 18:30:00+00')
date_part('timezone_minute', timestamptz '1985-12-31 18:30:00+00')
extract(microsecond from timestamptz '1985-12-31 18:30:00+00')
date_part(['timezone_minute', 'dow', 'hour'], timestamptz '1985-12-31 18:30:00+00')
(timestamptz '1985-12-31 18:30:00+00')::timestamp_ms
strftime(timestamptz '1985-12-31 18:30:00+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
timestamptz '1985-12-31 18:30:00+00' - timestamptz '1985-12-31 18:29:59+00'
age(timestamptz '1985-12-31 18:29:59+00', timestamptz '1985-12-31 18:30:00+00')
age(timestamptz '1985-12-31 18:30:00+00', timestamptz '1985-12-31 18:29:59+00')
date_diff('second', timestamptz '1985-12-31 18:29:59+00', timestamptz '1985-12-31 18:30:00+00')
date_sub('second', timestamptz '1985-12-31 18:30:00+00', timestamptz '1985-12-31 18:29:59+00')
date_diff('month', timestamptz '1985-12-31 18:29:59+00', timestamptz '1985-12-31 18:30:00+00')
date_sub('month', timestamptz '1985-12-31 18:30:00+00', timestamptz '1985-12-31 18:29:59+00')
time_bucket(interval '5 minutes', timestamptz '1985-12-31 18:30:00+00', 'Asia/Kathmandu')
timestamptz '2020-12-31 18:15:00+00'
timestamptz '2020-12-31 18:15:00+00' + interval '1 month -1 day 12 hours'
timestamptz '2020-12-31 18:15:00+00' + interval '1 day'
timestamptz '2020-12-31 18:15:00+00' - interval '1 month'
date_trunc('quarter', timestamptz '2020-12-31 18:15:00+00')
date_trunc('isoyear', timestamptz '2020-12-31 18:15:00+00')
date_trunc('day', timestamptz '2020-12-31 18:15:00+00')
date_part('julian', timestamptz '2020-12-31 18:15:00+00')
extract(year from timestamptz '2020-12-31 18:15:00+00')
date_part(['julian', 'isodow', 'hour'], timestamptz '2020-12-31 18:15:00+00')
(timestamptz '2020-12-31 18:15:00+00')::timestamp_s
strftime(timestamptz '2020-12-31 18:15:00+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '2020-12-31 18:15:00+00' - timestamptz '1985-12-31 18:30:00+00'
age(timestamptz '1985-12-31 18:30:00+00', timestamptz '2020-12-31 18:15:00+00')
age(timestamptz '2020-12-31 18:15:00+00', timestamptz '1985-12-31 18:30:00+00')
date_diff('isoyear', timestamptz '1985-12-31 18:30:00+00', timestamptz '2020-12-31 18:15:00+00')
date_sub('isoyear', timestamptz '2020-12-31 18:15:00+00', timestamptz '1985-12-31 18:30:00+00')
date_diff('week', timestamptz '1985-12-31 18:30:00+00', timestamptz '2020-12-31 18:15:00+00')
date_sub('week', timestamptz '2020-12-31 18:15:00+00', timestamptz '1985-12-31 18:30:00+00')
time_bucket(interval '2 years', timestamptz '2020-12-31 18:15:00+00', 'Asia/Kathmandu')
timestamptz '1919-06-01 12:34:56.789012+00'
timestamptz '1919-06-01 12:34:56.789012+00' + interval '0 days'
timestamptz '1919-06-01 12:34:56.789012+00' + interval '-1 day'
timestamptz '1919-06-01 12:34:56.789012+00' - interval '-1 month'
date_trunc('year', timestamptz '1919-06-01 12:34:56.789012+00')
date_trunc('decade', timestamptz '1919-06-01 12:34:56.789012+00')
date_trunc('week', timestamptz '1919-06-01 12:34:56.789012+00')
date_part('era', timestamptz '1919-06-01 12:34:56.789012+00')
extract(month from timestamptz '1919-06-01 12:34:56.789012+00')
date_part(['era', 'week', 'hour'], timestamptz '1919-06-01 12:34:56.789012+00')
(timestamptz '1919-06-01 12:34:56.789012+00')::date
strftime(timestamptz '1919-06-01 12:34:56.789012+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
timestamptz '1919-06-01 12:34:56.789012+00' - timestamptz '2020-12-31 18:15:00+00'
age(timestamptz '2020-12-31 18:15:00+00', timestamptz '1919-06-01 12:34:56.789012+00')
age(timestamptz '1919-06-01 12:34:56.789012+00', timestamptz '2020-12-31 18:15:00+00')
date_diff('day', timestamptz '2020-12-31 18:15:00+00', timestamptz '1919-06-01 12:34:56.789012+00')
date_sub('day', timestamptz '1919-06-01 12:34:56.789012+00', timestamptz '2020-12-31 18:15:00+00')
date_diff('year', timestamptz '2020-12-31 18:15:00+00', timestamptz '1919-06-01 12:34:56.789012+00')
date_sub('year', timestamptz '1919-06-01 12:34:56.789012+00', timestamptz '2020-12-31 18:15:00+00')
time_bucket(interval '1 day', timestamptz '1919-06-01 12:34:56.789012+00', 'Asia/Kathmandu')

-- zone: Australia/Lord_Howe
timestamptz '2021-10-02 15:29:59+00'
timestamptz '2021-10-02 15:29:59+00' + interval '90 minutes'
timestamptz '2021-10-02 15:29:59+00' + interval '1 month'
timestamptz '2021-10-02 15:29:59+00' - interval '25 hours'
date_trunc('minute', timestamptz '2021-10-02 15:29:59+00')
date_trunc('century', timestamptz '2021-10-02 15:29:59+00')
date_trunc('month', timestamptz '2021-10-02 15:29:59+00')
date_part('decade', timestamptz '2021-10-02 15:29:59+00')
extract(day from timestamptz '2021-10-02 15:29:59+00')
date_part(['decade', 'isoyear', 'hour'], timestamptz '2021-10-02 15:29:59+00')
(timestamptz '2021-10-02 15:29:59+00')::timestamp
strftime(timestamptz '2021-10-02 15:29:59+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
time_bucket(interval '3 hours', timestamptz '2021-10-02 15:29:59+00', 'Australia/Lord_Howe')
timestamptz '2021-10-02 15:30:00+00'
timestamptz '2021-10-02 15:30:00+00' + interval '1 day'
timestamptz '2021-10-02 15:30:00+00' + interval '-1 month'
timestamptz '2021-10-02 15:30:00+00' - interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
date_trunc('second', timestamptz '2021-10-02 15:30:00+00')
date_trunc('millennium', timestamptz '2021-10-02 15:30:00+00')
date_trunc('quarter', timestamptz '2021-10-02 15:30:00+00')
date_part('century', timestamptz '2021-10-02 15:30:00+00')
extract(hour from timestamptz '2021-10-02 15:30:00+00')
date_part(['century', 'yearweek', 'hour'], timestamptz '2021-10-02 15:30:00+00')
(timestamptz '2021-10-02 15:30:00+00')::timetz
strftime(timestamptz '2021-10-02 15:30:00+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '2021-10-02 15:30:00+00' - timestamptz '2021-10-02 15:29:59+00'
age(timestamptz '2021-10-02 15:29:59+00', timestamptz '2021-10-02 15:30:00+00')
age(timestamptz '2021-10-02 15:30:00+00', timestamptz '2021-10-02 15:29:59+00')
date_diff('month', timestamptz '2021-10-02 15:29:59+00', timestamptz '2021-10-02 15:30:00+00')
date_sub('month', timestamptz '2021-10-02 15:30:00+00', timestamptz '2021-10-02 15:29:59+00')
date_diff('quarter', timestamptz '2021-10-02 15:29:59+00', timestamptz '2021-10-02 15:30:00+00')
date_sub('quarter', timestamptz '2021-10-02 15:30:00+00', timestamptz '2021-10-02 15:29:59+00')
time_bucket(interval '1 month', timestamptz '2021-10-02 15:30:00+00', 'Australia/Lord_Howe')
timestamptz '2021-04-03 14:45:00+00'
timestamptz '2021-04-03 14:45:00+00' + interval '-1 day'
timestamptz '2021-04-03 14:45:00+00' + interval '25 hours'
timestamptz '2021-04-03 14:45:00+00' - interval '-1 month -1 day -3 hours'
date_trunc('millisecond', timestamptz '2021-04-03 14:45:00+00')
date_trunc('hour', timestamptz '2021-04-03 14:45:00+00')
date_trunc('year', timestamptz '2021-04-03 14:45:00+00')
date_part('millennium', timestamptz '2021-04-03 14:45:00+00')
extract(minute from timestamptz '2021-04-03 14:45:00+00')
date_part(['millennium', 'doy', 'hour'], timestamptz '2021-04-03 14:45:00+00')
(timestamptz '2021-04-03 14:45:00+00')::varchar
strftime(timestamptz '2021-04-03 14:45:00+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
timestamptz '2021-04-03 14:45:00+00' - timestamptz '2021-10-02 15:30:00+00'
age(timestamptz '2021-10-02 15:30:00+00', timestamptz '2021-04-03 14:45:00+00')
age(timestamptz '2021-04-03 14:45:00+00', timestamptz '2021-10-02 15:30:00+00')
date_diff('week', timestamptz '2021-10-02 15:30:00+00', timestamptz '2021-04-03 14:45:00+00')
date_sub('week', timestamptz '2021-04-03 14:45:00+00', timestamptz '2021-10-02 15:30:00+00')
date_diff('second', timestamptz '2021-10-02 15:30:00+00', timestamptz '2021-04-03 14:45:00+00')
date_sub('second', timestamptz '2021-04-03 14:45:00+00', timestamptz '2021-10-02 15:30:00+00')
time_bucket(interval '1 week', timestamptz '2021-04-03 14:45:00+00', 'Australia/Lord_Howe')
timestamptz '2021-04-03 15:15:00+00'
timestamptz '2021-04-03 15:15:00+00' + interval '1 month'
timestamptz '2021-04-03 15:15:00+00' + interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
timestamptz '2021-04-03 15:15:00+00' - interval '1 month -1 day 12 hours'
date_trunc('isoyear', timestamptz '2021-04-03 15:15:00+00')
date_trunc('day', timestamptz '2021-04-03 15:15:00+00')
date_trunc('minute', timestamptz '2021-04-03 15:15:00+00')
date_part('millisecond', timestamptz '2021-04-03 15:15:00+00')
extract(second from timestamptz '2021-04-03 15:15:00+00')
date_part(['millisecond', 'quarter', 'hour'], timestamptz '2021-04-03 15:15:00+00')
(timestamptz '2021-04-03 15:15:00+00')::timestamp_ms
strftime(timestamptz '2021-04-03 15:15:00+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
timestamptz '2021-04-03 15:15:00+00' - timestamptz '2021-04-03 14:45:00+00'
age(timestamptz '2021-04-03 14:45:00+00', timestamptz '2021-04-03 15:15:00+00')
age(timestamptz '2021-04-03 15:15:00+00', timestamptz '2021-04-03 14:45:00+00')
date_diff('year', timestamptz '2021-04-03 14:45:00+00', timestamptz '2021-04-03 15:15:00+00')
date_sub('year', timestamptz '2021-04-03 15:15:00+00', timestamptz '2021-04-03 14:45:00+00')
date_diff('isoyear', timestamptz '2021-04-03 14:45:00+00', timestamptz '2021-04-03 15:15:00+00')
date_sub('isoyear', timestamptz '2021-04-03 15:15:00+00', timestamptz '2021-04-03 14:45:00+00')
time_bucket(interval '5 minutes', timestamptz '2021-04-03 15:15:00+00', 'Australia/Lord_Howe')
timestamptz '1981-02-28 14:00:00+00'
timestamptz '1981-02-28 14:00:00+00' + interval '-1 month'
timestamptz '1981-02-28 14:00:00+00' + interval '-1 month -1 day -3 hours'
timestamptz '1981-02-28 14:00:00+00' - interval '0 days'
date_trunc('decade', timestamptz '1981-02-28 14:00:00+00')
date_trunc('week', timestamptz '1981-02-28 14:00:00+00')
date_trunc('second', timestamptz '1981-02-28 14:00:00+00')
date_part('microsecond', timestamptz '1981-02-28 14:00:00+00')
extract(dow from timestamptz '1981-02-28 14:00:00+00')
date_part(['microsecond', 'epoch', 'hour'], timestamptz '1981-02-28 14:00:00+00')
(timestamptz '1981-02-28 14:00:00+00')::timestamp_s
strftime(timestamptz '1981-02-28 14:00:00+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '1981-02-28 14:00:00+00' - timestamptz '2021-04-03 15:15:00+00'
age(timestamptz '2021-04-03 15:15:00+00', timestamptz '1981-02-28 14:00:00+00')
age(timestamptz '1981-02-28 14:00:00+00', timestamptz '2021-04-03 15:15:00+00')
date_diff('minute', timestamptz '2021-04-03 15:15:00+00', timestamptz '1981-02-28 14:00:00+00')
date_sub('minute', timestamptz '1981-02-28 14:00:00+00', timestamptz '2021-04-03 15:15:00+00')
date_diff('day', timestamptz '2021-04-03 15:15:00+00', timestamptz '1981-02-28 14:00:00+00')
date_sub('day', timestamptz '1981-02-28 14:00:00+00', timestamptz '2021-04-03 15:15:00+00')
time_bucket(interval '2 years', timestamptz '1981-02-28 14:00:00+00', 'Australia/Lord_Howe')

-- zone: America/St_Johns
timestamptz '1987-10-25 02:00:00+00'
timestamptz '1987-10-25 02:00:00+00' + interval '25 hours'
timestamptz '1987-10-25 02:00:00+00' + interval '1 month -1 day 12 hours'
timestamptz '1987-10-25 02:00:00+00' - interval '90 minutes'
date_trunc('century', timestamptz '1987-10-25 02:00:00+00')
date_trunc('month', timestamptz '1987-10-25 02:00:00+00')
date_trunc('millisecond', timestamptz '1987-10-25 02:00:00+00')
date_part('year', timestamptz '1987-10-25 02:00:00+00')
extract(isodow from timestamptz '1987-10-25 02:00:00+00')
date_part(['year', 'timezone', 'hour'], timestamptz '1987-10-25 02:00:00+00')
(timestamptz '1987-10-25 02:00:00+00')::date
strftime(timestamptz '1987-10-25 02:00:00+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
time_bucket(interval '1 day', timestamptz '1987-10-25 02:00:00+00', 'America/St_Johns')
timestamptz '1988-04-03 03:31:00+00'
timestamptz '1988-04-03 03:31:00+00' + interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
timestamptz '1988-04-03 03:31:00+00' + interval '0 days'
timestamptz '1988-04-03 03:31:00+00' - interval '1 day'
date_trunc('millennium', timestamptz '1988-04-03 03:31:00+00')
date_trunc('quarter', timestamptz '1988-04-03 03:31:00+00')
date_trunc('isoyear', timestamptz '1988-04-03 03:31:00+00')
date_part('month', timestamptz '1988-04-03 03:31:00+00')
extract(week from timestamptz '1988-04-03 03:31:00+00')
date_part(['month', 'timezone_hour', 'hour'], timestamptz '1988-04-03 03:31:00+00')
(timestamptz '1988-04-03 03:31:00+00')::timestamp
strftime(timestamptz '1988-04-03 03:31:00+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
timestamptz '1988-04-03 03:31:00+00' - timestamptz '1987-10-25 02:00:00+00'
age(timestamptz '1987-10-25 02:00:00+00', timestamptz '1988-04-03 03:31:00+00')
age(timestamptz '1988-04-03 03:31:00+00', timestamptz '1987-10-25 02:00:00+00')
date_diff('second', timestamptz '1987-10-25 02:00:00+00', timestamptz '1988-04-03 03:31:00+00')
date_sub('second', timestamptz '1988-04-03 03:31:00+00', timestamptz '1987-10-25 02:00:00+00')
date_diff('month', timestamptz '1987-10-25 02:00:00+00', timestamptz '1988-04-03 03:31:00+00')
date_sub('month', timestamptz '1988-04-03 03:31:00+00', timestamptz '1987-10-25 02:00:00+00')
time_bucket(interval '3 hours', timestamptz '1988-04-03 03:31:00+00', 'America/St_Johns')
timestamptz '2011-11-06 02:31:00+00'
timestamptz '2011-11-06 02:31:00+00' + interval '-1 month -1 day -3 hours'
timestamptz '2011-11-06 02:31:00+00' + interval '90 minutes'
timestamptz '2011-11-06 02:31:00+00' - interval '-1 day'
date_trunc('hour', timestamptz '2011-11-06 02:31:00+00')
date_trunc('year', timestamptz '2011-11-06 02:31:00+00')
date_trunc('decade', timestamptz '2011-11-06 02:31:00+00')
date_part('day', timestamptz '2011-11-06 02:31:00+00')
extract(isoyear from timestamptz '2011-11-06 02:31:00+00')
date_part(['day', 'timezone_minute', 'hour'], timestamptz '2011-11-06 02:31:00+00')
(timestamptz '2011-11-06 02:31:00+00')::timetz
strftime(timestamptz '2011-11-06 02:31:00+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '2011-11-06 02:31:00+00' - timestamptz '1988-04-03 03:31:00+00'
age(timestamptz '1988-04-03 03:31:00+00', timestamptz '2011-11-06 02:31:00+00')
age(timestamptz '2011-11-06 02:31:00+00', timestamptz '1988-04-03 03:31:00+00')
date_diff('isoyear', timestamptz '1988-04-03 03:31:00+00', timestamptz '2011-11-06 02:31:00+00')
date_sub('isoyear', timestamptz '2011-11-06 02:31:00+00', timestamptz '1988-04-03 03:31:00+00')
date_diff('week', timestamptz '1988-04-03 03:31:00+00', timestamptz '2011-11-06 02:31:00+00')
date_sub('week', timestamptz '2011-11-06 02:31:00+00', timestamptz '1988-04-03 03:31:00+00')
time_bucket(interval '1 month', timestamptz '2011-11-06 02:31:00+00', 'America/St_Johns')

-- zone: Pacific/Apia
timestamptz '2011-12-30 09:59:59+00'
timestamptz '2011-12-30 09:59:59+00' + interval '1 month -1 day 12 hours'
timestamptz '2011-12-30 09:59:59+00' + interval '1 day'
timestamptz '2011-12-30 09:59:59+00' - interval '1 month'
date_trunc('day', timestamptz '2011-12-30 09:59:59+00')
date_trunc('minute', timestamptz '2011-12-30 09:59:59+00')
date_trunc('century', timestamptz '2011-12-30 09:59:59+00')
date_part('hour', timestamptz '2011-12-30 09:59:59+00')
extract(yearweek from timestamptz '2011-12-30 09:59:59+00')
date_part(['hour', 'julian', 'hour'], timestamptz '2011-12-30 09:59:59+00')
(timestamptz '2011-12-30 09:59:59+00')::varchar
strftime(timestamptz '2011-12-30 09:59:59+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
time_bucket(interval '1 week', timestamptz '2011-12-30 09:59:59+00', 'Pacific/Apia')
timestamptz '2011-12-30 10:00:00+00'
timestamptz '2011-12-30 10:00:00+00' + interval '0 days'
timestamptz '2011-12-30 10:00:00+00' + interval '-1 day'
timestamptz '2011-12-30 10:00:00+00' - interval '-1 month'
date_trunc('week', timestamptz '2011-12-30 10:00:00+00')
date_trunc('second', timestamptz '2011-12-30 10:00:00+00')
date_trunc('millennium', timestamptz '2011-12-30 10:00:00+00')
date_part('minute', timestamptz '2011-12-30 10:00:00+00')
extract(doy from timestamptz '2011-12-30 10:00:00+00')
date_part(['minute', 'era', 'hour'], timestamptz '2011-12-30 10:00:00+00')
(timestamptz '2011-12-30 10:00:00+00')::timestamp_ms
strftime(timestamptz '2011-12-30 10:00:00+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
timestamptz '2011-12-30 10:00:00+00' - timestamptz '2011-12-30 09:59:59+00'
age(timestamptz '2011-12-30 09:59:59+00', timestamptz '2011-12-30 10:00:00+00')
age(timestamptz '2011-12-30 10:00:00+00', timestamptz '2011-12-30 09:59:59+00')
date_diff('hour', timestamptz '2011-12-30 09:59:59+00', timestamptz '2011-12-30 10:00:00+00')
date_sub('hour', timestamptz '2011-12-30 10:00:00+00', timestamptz '2011-12-30 09:59:59+00')
date_diff('minute', timestamptz '2011-12-30 09:59:59+00', timestamptz '2011-12-30 10:00:00+00')
date_sub('minute', timestamptz '2011-12-30 10:00:00+00', timestamptz '2011-12-30 09:59:59+00')
time_bucket(interval '5 minutes', timestamptz '2011-12-30 10:00:00+00', 'Pacific/Apia')
timestamptz '1892-07-04 12:00:00+00'
timestamptz '1892-07-04 12:00:00+00' + interval '90 minutes'
timestamptz '1892-07-04 12:00:00+00' + interval '1 month'
timestamptz '1892-07-04 12:00:00+00' - interval '25 hours'
date_trunc('month', timestamptz '1892-07-04 12:00:00+00')
date_trunc('millisecond', timestamptz '1892-07-04 12:00:00+00')
date_trunc('hour', timestamptz '1892-07-04 12:00:00+00')
date_part('second', timestamptz '1892-07-04 12:00:00+00')
extract(quarter from timestamptz '1892-07-04 12:00:00+00')
date_part(['second', 'decade', 'hour'], timestamptz '1892-07-04 12:00:00+00')
(timestamptz '1892-07-04 12:00:00+00')::timestamp_s
strftime(timestamptz '1892-07-04 12:00:00+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '1892-07-04 12:00:00+00' - timestamptz '2011-12-30 10:00:00+00'
age(timestamptz '2011-12-30 10:00:00+00', timestamptz '1892-07-04 12:00:00+00')
age(timestamptz '1892-07-04 12:00:00+00', timestamptz '2011-12-30 10:00:00+00')
date_diff('month', timestamptz '2011-12-30 10:00:00+00', timestamptz '1892-07-04 12:00:00+00')
date_sub('month', timestamptz '1892-07-04 12:00:00+00', timestamptz '2011-12-30 10:00:00+00')
date_diff('quarter', timestamptz '2011-12-30 10:00:00+00', timestamptz '1892-07-04 12:00:00+00')
date_sub('quarter', timestamptz '1892-07-04 12:00:00+00', timestamptz '2011-12-30 10:00:00+00')
time_bucket(interval '2 years', timestamptz '1892-07-04 12:00:00+00', 'Pacific/Apia')

-- zone: America/Sao_Paulo
timestamptz '2018-11-04 02:59:59+00'
timestamptz '2018-11-04 02:59:59+00' + interval '1 day'
timestamptz '2018-11-04 02:59:59+00' + interval '-1 month'
timestamptz '2018-11-04 02:59:59+00' - interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
date_trunc('quarter', timestamptz '2018-11-04 02:59:59+00')
date_trunc('isoyear', timestamptz '2018-11-04 02:59:59+00')
date_trunc('day', timestamptz '2018-11-04 02:59:59+00')
date_part('dow', timestamptz '2018-11-04 02:59:59+00')
extract(epoch from timestamptz '2018-11-04 02:59:59+00')
date_part(['dow', 'century', 'hour'], timestamptz '2018-11-04 02:59:59+00')
(timestamptz '2018-11-04 02:59:59+00')::date
strftime(timestamptz '2018-11-04 02:59:59+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
time_bucket(interval '1 day', timestamptz '2018-11-04 02:59:59+00', 'America/Sao_Paulo')
timestamptz '2018-11-04 03:00:00+00'
timestamptz '2018-11-04 03:00:00+00' + interval '-1 day'
timestamptz '2018-11-04 03:00:00+00' + interval '25 hours'
timestamptz '2018-11-04 03:00:00+00' - interval '-1 month -1 day -3 hours'
date_trunc('year', timestamptz '2018-11-04 03:00:00+00')
date_trunc('decade', timestamptz '2018-11-04 03:00:00+00')
date_trunc('week', timestamptz '2018-11-04 03:00:00+00')
date_part('isodow', timestamptz '2018-11-04 03:00:00+00')
extract(timezone from timestamptz '2018-11-04 03:00:00+00')
date_part(['isodow', 'millennium', 'hour'], timestamptz '2018-11-04 03:00:00+00')
(timestamptz '2018-11-04 03:00:00+00')::timestamp
strftime(timestamptz '2018-11-04 03:00:00+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
timestamptz '2018-11-04 03:00:00+00' - timestamptz '2018-11-04 02:59:59+00'
age(timestamptz '2018-11-04 02:59:59+00', timestamptz '2018-11-04 03:00:00+00')
age(timestamptz '2018-11-04 03:00:00+00', timestamptz '2018-11-04 02:59:59+00')
date_diff('year', timestamptz '2018-11-04 02:59:59+00', timestamptz '2018-11-04 03:00:00+00')
date_sub('year', timestamptz '2018-11-04 03:00:00+00', timestamptz '2018-11-04 02:59:59+00')
date_diff('isoyear', timestamptz '2018-11-04 02:59:59+00', timestamptz '2018-11-04 03:00:00+00')
date_sub('isoyear', timestamptz '2018-11-04 03:00:00+00', timestamptz '2018-11-04 02:59:59+00')
time_bucket(interval '3 hours', timestamptz '2018-11-04 03:00:00+00', 'America/Sao_Paulo')
timestamptz '2018-02-18 01:30:00+00'
timestamptz '2018-02-18 01:30:00+00' + interval '1 month'
timestamptz '2018-02-18 01:30:00+00' + interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
timestamptz '2018-02-18 01:30:00+00' - interval '1 month -1 day 12 hours'
date_trunc('minute', timestamptz '2018-02-18 01:30:00+00')
date_trunc('century', timestamptz '2018-02-18 01:30:00+00')
date_trunc('month', timestamptz '2018-02-18 01:30:00+00')
date_part('week', timestamptz '2018-02-18 01:30:00+00')
extract(timezone_hour from timestamptz '2018-02-18 01:30:00+00')
date_part(['week', 'millisecond', 'hour'], timestamptz '2018-02-18 01:30:00+00')
(timestamptz '2018-02-18 01:30:00+00')::timetz
strftime(timestamptz '2018-02-18 01:30:00+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '2018-02-18 01:30:00+00' - timestamptz '2018-11-04 03:00:00+00'
age(timestamptz '2018-11-04 03:00:00+00', timestamptz '2018-02-18 01:30:00+00')
age(timestamptz '2018-02-18 01:30:00+00', timestamptz '2018-11-04 03:00:00+00')
date_diff('minute', timestamptz '2018-11-04 03:00:00+00', timestamptz '2018-02-18 01:30:00+00')
date_sub('minute', timestamptz '2018-02-18 01:30:00+00', timestamptz '2018-11-04 03:00:00+00')
date_diff('day', timestamptz '2018-11-04 03:00:00+00', timestamptz '2018-02-18 01:30:00+00')
date_sub('day', timestamptz '2018-02-18 01:30:00+00', timestamptz '2018-11-04 03:00:00+00')
time_bucket(interval '1 month', timestamptz '2018-02-18 01:30:00+00', 'America/Sao_Paulo')
timestamptz '2018-02-18 02:30:00+00'
timestamptz '2018-02-18 02:30:00+00' + interval '-1 month'
timestamptz '2018-02-18 02:30:00+00' + interval '-1 month -1 day -3 hours'
timestamptz '2018-02-18 02:30:00+00' - interval '0 days'
date_trunc('second', timestamptz '2018-02-18 02:30:00+00')
date_trunc('millennium', timestamptz '2018-02-18 02:30:00+00')
date_trunc('quarter', timestamptz '2018-02-18 02:30:00+00')
date_part('isoyear', timestamptz '2018-02-18 02:30:00+00')
extract(timezone_minute from timestamptz '2018-02-18 02:30:00+00')
date_part(['isoyear', 'microsecond', 'hour'], timestamptz '2018-02-18 02:30:00+00')
(timestamptz '2018-02-18 02:30:00+00')::varchar
strftime(timestamptz '2018-02-18 02:30:00+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
timestamptz '2018-02-18 02:30:00+00' - timestamptz '2018-02-18 01:30:00+00'
age(timestamptz '2018-02-18 01:30:00+00', timestamptz '2018-02-18 02:30:00+00')
age(timestamptz '2018-02-18 02:30:00+00', timestamptz '2018-02-18 01:30:00+00')
date_diff('quarter', timestamptz '2018-02-18 01:30:00+00', timestamptz '2018-02-18 02:30:00+00')
date_sub('quarter', timestamptz '2018-02-18 02:30:00+00', timestamptz '2018-02-18 01:30:00+00')
date_diff('hour', timestamptz '2018-02-18 01:30:00+00', timestamptz '2018-02-18 02:30:00+00')
date_sub('hour', timestamptz '2018-02-18 02:30:00+00', timestamptz '2018-02-18 01:30:00+00')
time_bucket(interval '1 week', timestamptz '2018-02-18 02:30:00+00', 'America/Sao_Paulo')

-- zone: Asia/Kolkata
timestamptz '2021-01-31 18:30:00+00'
timestamptz '2021-01-31 18:30:00+00' + interval '25 hours'
timestamptz '2021-01-31 18:30:00+00' + interval '1 month -1 day 12 hours'
timestamptz '2021-01-31 18:30:00+00' - interval '90 minutes'
date_trunc('millisecond', timestamptz '2021-01-31 18:30:00+00')
date_trunc('hour', timestamptz '2021-01-31 18:30:00+00')
date_trunc('year', timestamptz '2021-01-31 18:30:00+00')
date_part('yearweek', timestamptz '2021-01-31 18:30:00+00')
extract(julian from timestamptz '2021-01-31 18:30:00+00')
date_part(['yearweek', 'year', 'hour'], timestamptz '2021-01-31 18:30:00+00')
(timestamptz '2021-01-31 18:30:00+00')::timestamp_ms
strftime(timestamptz '2021-01-31 18:30:00+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
time_bucket(interval '5 minutes', timestamptz '2021-01-31 18:30:00+00', 'Asia/Kolkata')
timestamptz '1905-12-31 18:00:00+00'
timestamptz '1905-12-31 18:00:00+00' + interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
timestamptz '1905-12-31 18:00:00+00' + interval '0 days'
timestamptz '1905-12-31 18:00:00+00' - interval '1 day'
date_trunc('isoyear', timestamptz '1905-12-31 18:00:00+00')
date_trunc('day', timestamptz '1905-12-31 18:00:00+00')
date_trunc('minute', timestamptz '1905-12-31 18:00:00+00')
date_part('doy', timestamptz '1905-12-31 18:00:00+00')
extract(era from timestamptz '1905-12-31 18:00:00+00')
date_part(['doy', 'month', 'hour'], timestamptz '1905-12-31 18:00:00+00')
(timestamptz '1905-12-31 18:00:00+00')::timestamp_s
strftime(timestamptz '1905-12-31 18:00:00+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '1905-12-31 18:00:00+00' - timestamptz '2021-01-31 18:30:00+00'
age(timestamptz '2021-01-31 18:30:00+00', timestamptz '1905-12-31 18:00:00+00')
age(timestamptz '1905-12-31 18:00:00+00', timestamptz '2021-01-31 18:30:00+00')
date_diff('isoyear', timestamptz '2021-01-31 18:30:00+00', timestamptz '1905-12-31 18:00:00+00')
date_sub('isoyear', timestamptz '1905-12-31 18:00:00+00', timestamptz '2021-01-31 18:30:00+00')
date_diff('week', timestamptz '2021-01-31 18:30:00+00', timestamptz '1905-12-31 18:00:00+00')
date_sub('week', timestamptz '1905-12-31 18:00:00+00', timestamptz '2021-01-31 18:30:00+00')
time_bucket(interval '2 years', timestamptz '1905-12-31 18:00:00+00', 'Asia/Kolkata')
timestamptz '1853-12-31 18:00:00+00'
timestamptz '1853-12-31 18:00:00+00' + interval '-1 month -1 day -3 hours'
timestamptz '1853-12-31 18:00:00+00' + interval '90 minutes'
timestamptz '1853-12-31 18:00:00+00' - interval '-1 day'
date_trunc('decade', timestamptz '1853-12-31 18:00:00+00')
date_trunc('week', timestamptz '1853-12-31 18:00:00+00')
date_trunc('second', timestamptz '1853-12-31 18:00:00+00')
date_part('quarter', timestamptz '1853-12-31 18:00:00+00')
extract(decade from timestamptz '1853-12-31 18:00:00+00')
date_part(['quarter', 'day', 'hour'], timestamptz '1853-12-31 18:00:00+00')
(timestamptz '1853-12-31 18:00:00+00')::date
strftime(timestamptz '1853-12-31 18:00:00+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
timestamptz '1853-12-31 18:00:00+00' - timestamptz '1905-12-31 18:00:00+00'
age(timestamptz '1905-12-31 18:00:00+00', timestamptz '1853-12-31 18:00:00+00')
age(timestamptz '1853-12-31 18:00:00+00', timestamptz '1905-12-31 18:00:00+00')
date_diff('day', timestamptz '1905-12-31 18:00:00+00', timestamptz '1853-12-31 18:00:00+00')
date_sub('day', timestamptz '1853-12-31 18:00:00+00', timestamptz '1905-12-31 18:00:00+00')
date_diff('year', timestamptz '1905-12-31 18:00:00+00', timestamptz '1853-12-31 18:00:00+00')
date_sub('year', timestamptz '1853-12-31 18:00:00+00', timestamptz '1905-12-31 18:00:00+00')
time_bucket(interval '1 day', timestamptz '1853-12-31 18:00:00+00', 'Asia/Kolkata')

-- zone: Africa/Casablanca
timestamptz '2023-03-19 02:00:00+00'
timestamptz '2023-03-19 02:00:00+00' + interval '1 month -1 day 12 hours'
timestamptz '2023-03-19 02:00:00+00' + interval '1 day'
timestamptz '2023-03-19 02:00:00+00' - interval '1 month'
date_trunc('century', timestamptz '2023-03-19 02:00:00+00')
date_trunc('month', timestamptz '2023-03-19 02:00:00+00')
date_trunc('millisecond', timestamptz '2023-03-19 02:00:00+00')
date_part('epoch', timestamptz '2023-03-19 02:00:00+00')
extract(century from timestamptz '2023-03-19 02:00:00+00')
date_part(['epoch', 'hour', 'hour'], timestamptz '2023-03-19 02:00:00+00')
(timestamptz '2023-03-19 02:00:00+00')::timestamp
strftime(timestamptz '2023-03-19 02:00:00+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
time_bucket(interval '3 hours', timestamptz '2023-03-19 02:00:00+00', 'Africa/Casablanca')
timestamptz '2023-04-23 02:00:00+00'
timestamptz '2023-04-23 02:00:00+00' + interval '0 days'
timestamptz '2023-04-23 02:00:00+00' + interval '-1 day'
timestamptz '2023-04-23 02:00:00+00' - interval '-1 month'
date_trunc('millennium', timestamptz '2023-04-23 02:00:00+00')
date_trunc('quarter', timestamptz '2023-04-23 02:00:00+00')
date_trunc('isoyear', timestamptz '2023-04-23 02:00:00+00')
date_part('timezone', timestamptz '2023-04-23 02:00:00+00')
extract(millennium from timestamptz '2023-04-23 02:00:00+00')
date_part(['timezone', 'minute', 'hour'], timestamptz '2023-04-23 02:00:00+00')
(timestamptz '2023-04-23 02:00:00+00')::timetz
strftime(timestamptz '2023-04-23 02:00:00+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '2023-04-23 02:00:00+00' - timestamptz '2023-03-19 02:00:00+00'
age(timestamptz '2023-03-19 02:00:00+00', timestamptz '2023-04-23 02:00:00+00')
age(timestamptz '2023-04-23 02:00:00+00', timestamptz '2023-03-19 02:00:00+00')
date_diff('month', timestamptz '2023-03-19 02:00:00+00', timestamptz '2023-04-23 02:00:00+00')
date_sub('month', timestamptz '2023-04-23 02:00:00+00', timestamptz '2023-03-19 02:00:00+00')
date_diff('quarter', timestamptz '2023-03-19 02:00:00+00', timestamptz '2023-04-23 02:00:00+00')
date_sub('quarter', timestamptz '2023-04-23 02:00:00+00', timestamptz '2023-03-19 02:00:00+00')
time_bucket(interval '1 month', timestamptz '2023-04-23 02:00:00+00', 'Africa/Casablanca')

-- zone: UTC
timestamptz '0001-01-01 00:00:00+00'
timestamptz '0001-01-01 00:00:00+00' + interval '90 minutes'
timestamptz '0001-01-01 00:00:00+00' + interval '1 month'
timestamptz '0001-01-01 00:00:00+00' - interval '25 hours'
date_trunc('hour', timestamptz '0001-01-01 00:00:00+00')
date_trunc('year', timestamptz '0001-01-01 00:00:00+00')
date_trunc('decade', timestamptz '0001-01-01 00:00:00+00')
date_part('timezone_hour', timestamptz '0001-01-01 00:00:00+00')
extract(millisecond from timestamptz '0001-01-01 00:00:00+00')
date_part(['timezone_hour', 'second', 'hour'], timestamptz '0001-01-01 00:00:00+00')
(timestamptz '0001-01-01 00:00:00+00')::varchar
strftime(timestamptz '0001-01-01 00:00:00+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
time_bucket(interval '1 week', timestamptz '0001-01-01 00:00:00+00', 'UTC')
timestamptz '0005-07-14 (BC) 10:00:30+00'
timestamptz '0005-07-14 (BC) 10:00:30+00' + interval '1 day'
timestamptz '0005-07-14 (BC) 10:00:30+00' + interval '-1 month'
timestamptz '0005-07-14 (BC) 10:00:30+00' - interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
date_trunc('day', timestamptz '0005-07-14 (BC) 10:00:30+00')
date_trunc('minute', timestamptz '0005-07-14 (BC) 10:00:30+00')
date_trunc('century', timestamptz '0005-07-14 (BC) 10:00:30+00')
date_part('timezone_minute', timestamptz '0005-07-14 (BC) 10:00:30+00')
extract(microsecond from timestamptz '0005-07-14 (BC) 10:00:30+00')
date_part(['timezone_minute', 'dow', 'hour'], timestamptz '0005-07-14 (BC) 10:00:30+00')
(timestamptz '0005-07-14 (BC) 10:00:30+00')::timestamp_ms
strftime(timestamptz '0005-07-14 (BC) 10:00:30+00', '%a %A %w %u %d %-d %b %B %m %-m %y %-y')
timestamptz '0005-07-14 (BC) 10:00:30+00' - timestamptz '0001-01-01 00:00:00+00'
age(timestamptz '0001-01-01 00:00:00+00', timestamptz '0005-07-14 (BC) 10:00:30+00')
age(timestamptz '0005-07-14 (BC) 10:00:30+00', timestamptz '0001-01-01 00:00:00+00')
date_diff('year', timestamptz '0001-01-01 00:00:00+00', timestamptz '0005-07-14 (BC) 10:00:30+00')
date_sub('year', timestamptz '0005-07-14 (BC) 10:00:30+00', timestamptz '0001-01-01 00:00:00+00')
date_diff('isoyear', timestamptz '0001-01-01 00:00:00+00', timestamptz '0005-07-14 (BC) 10:00:30+00')
date_sub('isoyear', timestamptz '0005-07-14 (BC) 10:00:30+00', timestamptz '0001-01-01 00:00:00+00')
time_bucket(interval '5 minutes', timestamptz '0005-07-14 (BC) 10:00:30+00', 'UTC')
timestamptz '9999-12-31 23:59:59.999999+00'
timestamptz '9999-12-31 23:59:59.999999+00' + interval '-1 day'
timestamptz '9999-12-31 23:59:59.999999+00' + interval '25 hours'
timestamptz '9999-12-31 23:59:59.999999+00' - interval '-1 month -1 day -3 hours'
date_trunc('week', timestamptz '9999-12-31 23:59:59.999999+00')
date_trunc('second', timestamptz '9999-12-31 23:59:59.999999+00')
date_trunc('millennium', timestamptz '9999-12-31 23:59:59.999999+00')
date_part('julian', timestamptz '9999-12-31 23:59:59.999999+00')
extract(year from timestamptz '9999-12-31 23:59:59.999999+00')
date_part(['julian', 'isodow', 'hour'], timestamptz '9999-12-31 23:59:59.999999+00')
(timestamptz '9999-12-31 23:59:59.999999+00')::timestamp_s
strftime(timestamptz '9999-12-31 23:59:59.999999+00', '%j %-j %U %W %V %G %c %x %X %p %I %-I')
timestamptz '9999-12-31 23:59:59.999999+00' - timestamptz '0005-07-14 (BC) 10:00:30+00'
age(timestamptz '0005-07-14 (BC) 10:00:30+00', timestamptz '9999-12-31 23:59:59.999999+00')
age(timestamptz '9999-12-31 23:59:59.999999+00', timestamptz '0005-07-14 (BC) 10:00:30+00')
date_diff('minute', timestamptz '0005-07-14 (BC) 10:00:30+00', timestamptz '9999-12-31 23:59:59.999999+00')
date_sub('minute', timestamptz '9999-12-31 23:59:59.999999+00', timestamptz '0005-07-14 (BC) 10:00:30+00')
date_diff('day', timestamptz '0005-07-14 (BC) 10:00:30+00', timestamptz '9999-12-31 23:59:59.999999+00')
date_sub('day', timestamptz '9999-12-31 23:59:59.999999+00', timestamptz '0005-07-14 (BC) 10:00:30+00')
time_bucket(interval '2 years', timestamptz '9999-12-31 23:59:59.999999+00', 'UTC')
timestamptz '294246-12-31 00:00:00+00'
timestamptz '294246-12-31 00:00:00+00' + interval '1 month'
timestamptz '294246-12-31 00:00:00+00' + interval '1 year 1 month 1 day 1 hour 1 second 1 microsecond'
timestamptz '294246-12-31 00:00:00+00' - interval '1 month -1 day 12 hours'
date_trunc('month', timestamptz '294246-12-31 00:00:00+00')
date_trunc('millisecond', timestamptz '294246-12-31 00:00:00+00')
date_trunc('hour', timestamptz '294246-12-31 00:00:00+00')
date_part('era', timestamptz '294246-12-31 00:00:00+00')
extract(month from timestamptz '294246-12-31 00:00:00+00')
date_part(['era', 'week', 'hour'], timestamptz '294246-12-31 00:00:00+00')
(timestamptz '294246-12-31 00:00:00+00')::date
strftime(timestamptz '294246-12-31 00:00:00+00', '%Y-%m-%d %H:%M:%S.%f %z %Z')
timestamptz '294246-12-31 00:00:00+00' - timestamptz '9999-12-31 23:59:59.999999+00'
age(timestamptz '9999-12-31 23:59:59.999999+00', timestamptz '294246-12-31 00:00:00+00')
age(timestamptz '294246-12-31 00:00:00+00', timestamptz '9999-12-31 23:59:59.999999+00')
date_diff('quarter', timestamptz '9999-12-31 23:59:59.999999+00', timestamptz '294246-12-31 00:00:00+00')
date_sub('quarter', timestamptz '294246-12-31 00:00:00+00', timestamptz '9999-12-31 23:59:59.999999+00')
date_diff('hour', timestamptz '9999-12-31 23:59:59.999999+00', timestamptz '294246-12-31 00:00:00+00')
date_sub('hour', timestamptz '294246-12-31 00:00:00+00', timestamptz '9999-12-31 23:59:59.999999+00')
time_bucket(interval '1 day', timestamptz '294246-12-31 00:00:00+00', 'UTC')

-- zone: America/New_York
-- Local times that do not exist or exist twice.
timestamptz '2021-03-14 02:30:00'
timestamptz '2021-11-07 01:30:00'
timestamp '2021-03-14 02:30:00'::timestamptz
timestamp '2021-11-07 01:30:00'::timestamptz
date '2021-03-14'::timestamptz
timestamp_s '2021-03-14 02:30:00'::timestamptz
timestamp_ms '2021-11-07 01:30:00.123'::timestamptz
timestamp_ns '2021-11-07 01:30:00.123456789'::timestamptz
timestamp '2021-03-14 02:30' at time zone 'America/New_York'
timestamp '2021-11-07 01:30' at time zone 'America/New_York'
timestamptz '2021-11-06 01:30:00' + interval '1 day'
timestamptz '2021-10-07 01:30:00' + interval '1 month'
timestamptz '2021-03-13 02:30:00' + interval '1 day'
timestamptz '2021-03-15 02:30:00' - interval '1 day'
timestamptz '2021-02-14 02:30:00' + interval '1 month'
timestamptz '2021-11-08 01:30:00' - interval '1 day'
interval '1 day' + timestamptz '2021-03-13 12:00:00'
date_add(timestamptz '2021-03-13 12:00:00', interval '1 day')
timestamptz '2021-01-31 12:00:00' + interval '1 month'
timestamptz '2024-02-29 12:00:00' + interval '1 year'
timestamptz '2024-03-31 12:00:00' - interval '1 month'
timestamptz '2021-03-14 12:00:00' - timestamptz '2021-03-13 12:00:00'
timestamptz '2021-11-06 13:00:00' - timestamptz '2021-12-07 12:00:00'
age(timestamptz '2021-01-31', timestamptz '2021-03-01')
age(timestamptz '2021-03-01', timestamptz '2021-01-31')
age(timestamptz '2021-03-14 12:00:00.000001', timestamptz '2020-02-29 12:00:00.5')
-- NULL and infinity.
timestamptz 'infinity'
timestamptz '-infinity'::varchar
timestamptz 'infinity'::date
timestamptz '-infinity'::timestamp
timestamptz 'infinity'::timestamp_ms
timestamptz 'infinity'::timestamp_s
timestamptz 'infinity'::timestamp_ns
timestamptz 'infinity'::timetz
date 'infinity'::timestamptz
date '-infinity'::timestamptz
timestamp 'infinity'::timestamptz
timestamptz 'infinity' + interval '1 day'
timestamptz 'infinity' - timestamptz '2021-01-01'
year(timestamptz 'infinity')
epoch(timestamptz 'infinity')
date_part('julian', timestamptz '-infinity')
date_part(['year', 'epoch'], timestamptz 'infinity')
date_part(null, timestamptz '2021-01-01')
date_trunc('day', timestamptz 'infinity')
date_diff('day', timestamptz '2021-01-01', timestamptz 'infinity')
date_sub('day', timestamptz '-infinity', timestamptz 'infinity')
last_day(timestamptz 'infinity')
dayname(timestamptz 'infinity')
monthname(timestamptz '-infinity')
strftime(timestamptz 'infinity', '%Y')
isfinite(timestamptz 'infinity')
isinf(timestamptz 'infinity')
time_bucket(interval '1 day', timestamptz 'infinity')
time_bucket(interval '1 day', timestamptz '2021-07-14 12:00', timestamptz 'infinity')
timezone('Asia/Tokyo', timestamptz 'infinity')
timezone('Asia/Tokyo', timestamp '-infinity')
generate_series(timestamptz '2021-01-31', timestamptz 'infinity', interval '1 month')
null::timestamptz + interval '1 day'
timestamptz '2021-01-01' + null::interval
date_trunc(null, timestamptz '2021-01-01')
date_trunc('day', null::timestamptz)
date_diff('day', null::timestamptz, timestamptz '2021-01-01')
age(null::timestamptz, timestamptz '2021-01-01')
null::timestamptz::date
null::timestamptz::varchar
timestamp '2021-03-14 02:30:00' at time zone null
strftime(timestamptz '2021-01-03 09:05:07', null)
make_timestamptz(2021, null, 14, 2, 30, 1)
generate_series(timestamptz '2021-01-31', null, interval '1 month')
last_day(null::timestamptz)
-- Parts, and truncation at them, of years before Christ and words that are none.
timestamptz '0005-07-14 (BC) 10:00:30'
date_part(['year', 'decade', 'century', 'millennium', 'isoyear', 'yearweek', 'era'], timestamptz '0005-07-14 (BC) 10:00:30')
date_part(['julian', 'timezone', 'timezone_hour', 'timezone_minute', 'doy'], timestamptz '0005-07-14 (BC) 10:00:30')
date_part(['year', 'decade', 'century', 'millennium'], timestamptz '0101-07-14 (BC) 10:00:30')
date_trunc('year', timestamptz '0005-07-14 (BC) 10:00:30')
date_trunc('decade', timestamptz '0005-07-14 (BC) 10:00:30')
date_trunc('decade', timestamptz '0005-07-14 10:00:30')
date_trunc('century', timestamptz '0005-07-14 (BC) 10:00:30')
date_trunc('millennium', timestamptz '0005-07-14 (BC) 10:00:30')
date_trunc('era', timestamptz '2021-07-14 10:00:30')
date_trunc('dow', timestamptz '2021-06-02 10:00:30')
date_trunc('doy', timestamptz '2021-06-02 10:00:30')
date_trunc('julian', timestamptz '2021-06-02 10:00:30')
date_trunc('yearweek', timestamptz '2021-01-02 10:00:30')
date_trunc('epoch', timestamptz '2021-06-02 10:00:30.7')
date_trunc('us', timestamptz '2021-06-02 10:00:30.789123')
date_trunc('ms', timestamptz '1969-06-02 10:00:30.789123')
date_trunc('ns', timestamptz '2021-06-02 10:00:30.789123')
date_trunc('timezone', timestamptz '2021-06-02 10:00:30')
date_trunc('nope', timestamptz '2021-06-02 10:00:30')
date_part('nope', timestamptz '2021-06-02 10:00:30')
date_part(['nope'], timestamptz '2021-06-02 10:00:30')
date_part([], timestamptz '2021-06-02 10:00:30')
date_part('DAYS', timestamptz '2021-06-02 10:00:30')
(select list(date_part(p, timestamptz '2021-06-02 10:00:30')) from (values ('year'), ('epoch'), (null)) t(p))
(select list(date_trunc(p, timestamptz '2021-06-02 10:00:30')) from (values ('year'), ('hour'), (null)) t(p))
(select list(date_trunc('day', t)) from (values (timestamptz '2021-06-02 10:00'), (null), (timestamptz '-infinity')) v(t))
epoch_ms(timestamptz '1969-07-14 10:00:30.256123')
epoch_us(timestamptz '1969-07-14 10:00:30.256123')
epoch_ns(timestamptz '1969-07-14 10:00:30.256123')
nanosecond(timestamptz '1969-07-14 10:00:30.256123')
microsecond(timestamptz '1969-07-14 10:00:30.256123')
millisecond(timestamptz '1969-07-14 10:00:30.256123')
weekday(timestamptz '2021-07-14 10:00:30')
weekofyear(timestamptz '2021-01-02 10:00:30')
dayofmonth(timestamptz '2021-07-14 10:00:30')
dayofweek(timestamptz '2021-07-18 10:00:30')
dayofyear(timestamptz '2021-12-31 23:59:59')
timezone(timestamptz '2021-07-14 10:00:30')
timezone_hour(timestamptz '1880-07-01 10:00')
timezone_minute(timestamptz '1880-07-01 10:00')
last_day(timestamptz '2024-02-01 10:00')
last_day(timestamptz '2021-12-31 23:00')
dayname(timestamptz '2021-07-01 00:00')
monthname(timestamptz '2021-07-01 00:00')
-- Counting.
date_diff('hour', timestamptz '2021-11-07 01:30:00-04', timestamptz '2021-11-07 01:30:00-05')
date_diff('hour', timestamptz '2021-11-07 00:30:00-04', timestamptz '2021-11-07 01:30:00-04')
date_diff('day', timestamptz '2021-03-13 12:00:00', timestamptz '2021-03-14 12:00:00')
date_diff('isoyear', timestamptz '2021-11-07', timestamptz '2025-01-01')
date_diff('yearweek', timestamptz '2021-11-07', timestamptz '2025-01-01')
date_diff('century', timestamptz '1999-11-07', timestamptz '2025-01-01')
date_diff('decade', timestamptz '1999-11-07', timestamptz '2025-01-01')
date_diff('millennium', timestamptz '1999-11-07', timestamptz '2025-01-01')
date_diff('timezone', timestamptz '2021-11-07', timestamptz '2022-01-01')
date_diff('nope', timestamptz '2021-11-07', timestamptz '2022-01-01')
datediff('us', timestamptz '2021-11-07', timestamptz '2021-11-07 00:00:00.5')
date_sub('hour', timestamptz '2021-03-13 12:00:00', timestamptz '2021-03-14 12:00:00')
date_sub('month', timestamptz '2021-03-31', timestamptz '2021-02-28')
date_sub('month', timestamptz '2021-02-28', timestamptz '2021-03-31')
date_sub('month', timestamptz '2021-01-31', timestamptz '2021-02-28')
date_sub('day', timestamptz '2021-03-14 11:59', timestamptz '2021-03-13 12:00')
date_sub('ms', timestamptz '2021-03-14 11:59:00.0001', timestamptz '2021-03-14 11:59:00.0010')
date_sub('ms', timestamptz '2021-03-14 11:59:00.0010', timestamptz '2021-03-14 11:59:00.0001')
date_sub('isoyear', timestamptz '2019-03-14 11:59:00', timestamptz '2021-03-14 11:59:00')
date_sub('week', timestamptz '2021-03-14 11:59:00', timestamptz '2021-03-28 11:58:00')
date_sub('century', timestamptz '1821-03-14 11:59:00', timestamptz '2021-03-14 11:59:00')
date_sub('era', timestamptz '2019-03-14', timestamptz '2021-03-14')
datesub('quarter', timestamptz '2019-03-14', timestamptz '2021-03-14')
-- Buckets.
time_bucket(interval '1 day', timestamptz '2021-03-14 12:00')
time_bucket(interval '1 month', timestamptz '2021-07-14 12:00')
time_bucket(interval '3 hours', timestamptz '2021-03-14 12:00')
time_bucket(interval '1 hour', timestamptz '2021-11-07 01:30-04')
time_bucket(interval '3 days', timestamptz '2021-03-14 12:00', 'Asia/Tokyo')
time_bucket(interval '1 month', timestamptz '2021-07-14 12:00', 'Asia/Kathmandu')
time_bucket(interval '1 hour', timestamptz '2021-07-14 12:00', 'Asia/Kathmandu')
time_bucket(interval '1 day', timestamptz '2021-07-14 12:00', interval '1 hour')
time_bucket(interval '1 month', timestamptz '2021-07-14 12:00', interval '1 day')
time_bucket(interval '1 hour', timestamptz '1969-07-14 12:20', interval '30 minutes')
time_bucket(interval '1 hour', timestamptz '1969-07-14 12:20', interval '1 month')
time_bucket(interval '3 days', timestamptz '2021-03-14 12:00', timestamptz '2021-01-01')
time_bucket(interval '1 month', timestamptz '2021-07-14 12:00', timestamptz '2020-01-31')
time_bucket(interval '3 months', timestamptz '1969-07-14 12:00', timestamptz '2020-02-15')
time_bucket(interval '2 days', timestamptz '1969-07-14 12:20')
time_bucket(interval '7 months', timestamptz '1969-07-14 12:20')
time_bucket(interval '1 day 1 hour', timestamptz '2021-07-14 12:00')
time_bucket(interval '1 month 1 day', timestamptz '2021-07-14 12:00')
time_bucket(interval '-1 day', timestamptz '2021-07-14 12:00')
time_bucket(interval '0 days', timestamptz '2021-07-14 12:00')
time_bucket(interval '1 hour', timestamptz '2021-07-14 12:00', 'Nope')
-- Making.
make_timestamptz(2021, 3, 14, 2, 30, 1.5)
make_timestamptz(2021, 3, 14, 2, 30, 1.5, 'Asia/Tokyo')
make_timestamptz(2021, 13, 14, 2, 30, 1.5)
make_timestamptz(2021, 2, 30, 25, 61, 61.5)
make_timestamptz(0, 3, 14, 2, 30, 1)
make_timestamptz(-5, 3, 14, 2, 30, 1)
make_timestamptz(1600000000000000)
make_timestamptz(9223372036854775807)
make_timestamptz(2021, 3, 14, 2, 30, 1.5, 'Nope')
make_timestamptz(2021, 3, 14, 2, 30, 'nan'::double)
make_timestamptz(300000, 3, 14, 2, 30, 1)
to_timestamp(1.5)
-- Out of range.
timestamptz '294247-01-01' + interval '1 year'
timestamptz '2021-03-13 12:00' + interval '300000 years'
timestamptz '99999-01-01'::timestamp_ns
-- Text in.
timestamptz '2021-01-01 10:00 America/Los_Angeles'
timestamptz '2021-01-01 10:00 EST'
timestamptz '2021-01-01 10:00 PST'
timestamptz '2021-01-01 10:00 Nope'
timestamptz '2021-01-01 10:00America/New_York'
timestamptz '2021-01-01T10:00:00Z'
timestamptz '2021-01-01T10:00:00.123456789Z'
timestamptz '2021-01-01 10:00:00 Z'
timestamptz '2021-01-01 10:00:00 utc'
timestamptz '2021-01-01 10:00:00utc'
timestamptz '2021-01-01 10'
timestamptz '2021-1-1 1:2:3'
timestamptz '2021/1/1 1:2:3'
timestamptz '  2021-01-01 10:00  '
timestamptz '2021-01-01 10:00+3'
timestamptz '2021-01-01 10:00+03:30'
timestamptz '2021-01-01 10:00 +03:30'
timestamptz '2021-01-01 10:00+0330'
timestamptz '2021-01-01 10:00+03:30:15'
timestamptz 'epoch'
timestamptz '2021-02-30 10:00'
timestamptz '2021-01-01 24:00:00'
timestamptz '2021-01-01 25:00:00'
timestamptz '2021-01-01 10:00:60'
timestamptz '294247-01-10 04:00:54.775806+00'
timestamptz '294247-01-10 04:00:54.775807+00'
timestamptz '290309-12-22 (BC) 00:00:00+00'
timestamptz ''
timestamptz 'hello'
timestamptz '2021-01-01 '
timestamptz '2021-01-01 10:00:'
timestamptz '2021-01-01 10:00:00.'
timestamptz '2021-01-01 1::3'
timestamptz '2021-01-01 010:00:00'
timestamptz '2021-01-01 10:000:00'
timestamptz '2021-01-01 10:00:00+02:3015'
timestamptz '2021-01-01 10:00:00+02:'
timestamptz '2021-01-01 10:00:00+99'
timestamptz '2021-01-01 10:00:00 Europe/Paris '
timestamptz '2021-01-01 10:00:00  Europe/Paris'
timestamptz '2021-01-01  (BC) 10:00:00'
timestamptz '002021-01-01'
timestamptz '-0005-01-01 10:00'
timestamptz '2021-01-01 (BC)'
timestamptz '99999-01-01 10:00'
try_cast('nope' as timestamptz)
try_cast('2021-01-01 10:00 Nope/Zone' as timestamptz)
try_cast('2021-01-01 10:00 Europe/Paris' as timestamptz)
(select list(try_cast(s as timestamptz)) from (values ('2021-01-01 10:00'), ('x'), (null)) t(s))
-- Times with an offset.
timetz '10:00:00+02' + interval '3 hours'
date '2021-03-14' + timetz '10:00:00+02'
'10:00:00+05:30'::timetz
'10:00:00.5 +02'::timetz
'10:00:00+02:30:15'::timetz
'2021-01-01 10:00:00+02'::timetz
'10:00:00-16:30'::timetz
'nope'::timetz
'2021-01-01 10:00:00 UTC'::timetz
'2021-01-01 10:00:00 Asia/Tokyo'::timetz
try_cast('nope' as timetz)
'10:00:00'::timetz = time '10:00:00'::timetz
timetz '12:00:00+01' at time zone interval '2 hours 30 minutes'
timetz '12:00:00+01' at time zone interval '1 day'
timetz '12:00:00+01' at time zone 'Asia/Kathmandu'
timetz '12:00:00+01' at time zone 'Nope'
timestamp '2021-03-14 02:30:00'::timetz
-- Zones.
timestamptz '2021-07-01 10:00' at time zone 'Asia/Tokyo'
timestamptz '2021-07-01 10:00' at time zone 'america/los_angeles'
timestamp '2021-07-01 10:00' at time zone 'Asia/Tokyo' at time zone 'Europe/Paris'
timestamp '2021-07-01 10:00' at time zone 'Nope/Zone'
timestamptz '2021-07-01 10:00' at time zone 'GMT+5:30'
timestamptz '2021-07-01 10:00' at time zone 'UTC+5'
timestamptz '2021-07-01 10:00' at time zone 'Etc/GMT+5'
timestamptz '2021-07-01 10:00' at time zone 'GMT+25'
timestamptz '2021-07-01 10:00' at time zone '+01:00'
timestamptz '2021-07-01 10:00' at time zone interval '2 hours'
(select list(timestamptz '2021-07-01 10:00' at time zone z) from (values ('Asia/Tokyo'), ('UTC'), (null)) t(z))
current_setting('TimeZone')
(select count(*) > 550 from pg_timezone_names())
(select utc_offset from pg_timezone_names() where name = 'Asia/Kathmandu')
(select is_dst from pg_timezone_names() where name = 'Asia/Kathmandu')
(select count(*) from pg_timezone_names() where name in ('America/New_York', 'EST', 'PST', 'ACT', 'Zulu'))
-- Comparing and combining with types without a zone.
timestamp '2021-07-01 10:00' = timestamptz '2021-07-01 10:00'
date '2021-07-01' = timestamptz '2021-07-01 00:00'
timestamptz '2020-01-01' in (date '2020-01-01')
timestamptz '2020-01-01' < timestamp_s '2020-01-02 00:00:00'
coalesce(null::timestamp, timestamptz '2020-01-01')
[timestamptz '2020-01-01', date '2020-01-02']
timestamptz '2021-07-01 10:00'::time
timestamptz '2020-01-01'::bigint
[timestamptz '2020-01-01 12:00']::date[]
(timestamptz '2020-01-01 12:00', 1)::varchar
timestamptz '1969-03-13 12:00:00.5'::timestamp_s
timestamptz '2021-03-13 12:00:00.5'::timestamp_s
timestamptz '1969-03-13 12:00:00.1235'::timestamp_ms
timestamptz '2021-03-13 12:00:00.1235'::timestamp_ms
timestamp_ns '1969-03-13 12:00:00.1234565'::timestamptz
-- Nanoseconds.
'2021-01-01 10:00:00.123456789'::timestamptz_ns
'2021-01-01 10:00:00.123456789 Asia/Tokyo'::timestamptz_ns
'2021-07-01 10:00'::timestamptz_ns::date
timestamp_ns '2021-07-01 10:00:00.000000001'::timestamptz_ns
'2021-07-01 10:00:00.000000001'::timestamptz_ns::timestamp_ns
'infinity'::timestamptz_ns
null::timestamptz_ns::varchar
'9999-07-01'::timestamptz_ns
timezone('Asia/Tokyo', timestamp_ns '2021-01-01 10:00')
timezone('Asia/Tokyo', '2021-01-01 10:00:00.5'::timestamptz_ns)
date_diff('hour', '2021-03-14 00:00'::timestamptz_ns, '2021-03-15 00:00'::timestamptz_ns)
timestamptz '2021-07-01 10:00'::timestamptz_ns
'2021-07-01 10:00'::timestamptz_ns::timestamptz
-- The present.
current_date = now()::date
today() = current_date
localtimestamp = now()::timestamp
localtime = now()::timestamp::time
current_time = now()::timetz
typeof(current_date)
typeof(current_time)
typeof(localtime)
typeof(localtimestamp)
typeof(age(timestamptz '2020-01-01'))
age(timestamptz '2020-01-01') = age(current_date::timestamptz, timestamptz '2020-01-01')
now() - interval '1 day' < now()
current_date - interval '1 month' < now()
-- Series.
generate_series(timestamptz '2021-03-13', timestamptz '2021-03-16', interval '1 day')
range(timestamptz '2021-03-13', timestamptz '2021-03-16', interval '1 day')
generate_series(timestamptz '2021-03-16', timestamptz '2021-03-13', interval '-1 day')
generate_series(timestamptz '2021-03-16', timestamptz '2021-03-13', interval '1 day')
generate_series(timestamptz '2021-03-13', timestamptz '2021-03-16', interval '0 days')
generate_series(timestamptz '2021-03-13', timestamptz '2021-03-16', interval '1 day -1 hour')
generate_series(timestamptz '2021-01-31', timestamptz '2021-06-30', interval '1 month')
(select list(x) from (select unnest(generate_series(timestamptz '2021-11-06', timestamptz '2021-11-09', interval '12 hours'))) t(x))
(select list(x) from (select unnest(range(timestamptz '2021-11-06', timestamptz '2021-11-09', interval '1 day'))) t(x))
(select count(*) from (select unnest(range(timestamptz '2021-01-01', timestamptz '2021-02-01', interval '5 minutes'))) t(generate_series))
(select list(generate_series) from (select unnest(generate_series(timestamptz '2021-01-31', timestamptz '2021-05-01', interval '1 month'))) t(generate_series))
(select list(x) from (select unnest(range(timestamptz '2021-01-01', timestamptz '2021-02-01', interval '1 month -1 day'))) t(x))
-- Text out.
strftime('%Y', timestamptz '2021-01-03 09:05:07.089012')
strftime(timestamptz '0021-01-03 (BC) 09:05:07', '%Y %y %c')
strftime(timestamptz '12021-01-03 09:05:07', '%Y|%y|%G|%-y|%c|%x')
strftime(timestamptz '1880-01-03 09:05:07', '%z')
strftime(timestamptz '2021-01-03 00:05:07.089012', '%f %g %T %% %h')
strftime(timestamptz '2021-01-03 09:05:07', '%Q')
strftime(timestamptz '2021-01-03 09:05:07', '%')
-- Reading by format.
strptime('2021-01-01 10:00', '%Y-%m-%d %H:%M')
strptime('2021-01-01 10:00 +0100', '%Y-%m-%d %H:%M %z')
try_strptime('2021-01-01 10:00 +01', '%Y-%m-%d %H:%M %z')
strptime('2021-01-01 10:00 America/Los_Angeles', '%Y-%m-%d %H:%M %Z')
strptime('2021-07-01 10:00 Asia/Tokyo', '%Y-%m-%d %H:%M %Z')
strptime('2021-01-01 10:00 Nowhere', '%Y-%m-%d %H:%M %Z')
try_strptime('2021-01-01 10:00 Nowhere', '%Y-%m-%d %H:%M %Z')
try_strptime('2021-01-01 10:00 Asia/Tokyo', '%Y-%m-%d %H:%M %Z')
try_strptime('nonsense', '%Y-%m-%d %H:%M %Z')
strptime('nonsense', '%Y-%m-%d %H:%M %Z')
strptime(null, '%Y-%m-%d %H:%M %Z')
strptime('2021-01-01 10:00 Asia/Tokyo', ['%Y-%m-%d %H:%M', '%Y-%m-%d %H:%M %Z'])
try_strptime('2021-01-01', ['%Y', '%Y-%m-%d'])
strptime('14/03/2021 02:30', '%d/%m/%Y %H:%M')
(select list(strptime(s, '%Y-%m-%d %Z')) from (values ('2021-01-01 UTC'), ('2021-07-01 Europe/Paris'), (null)) t(s))

-- zone: Australia/Lord_Howe
-- Columns: several rows, NULL and infinity among them, and arguments that change from row to row.
(select list(date_trunc(part, t) order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(t + step order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(t - step order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(t at time zone zone order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(t::timestamp at time zone zone order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(strftime(t, format) order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(date_part(part, t) order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(date_part(['year', 'epoch'], t) order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(t::varchar order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(t::date order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(t::timetz order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(make_timestamptz(2021, 3, 14, 2, 30, 0, zone) order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(date_diff(part, t, timestamptz '2025-01-01') order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(age(t, timestamptz '1970-01-01') order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where i < 3 or i = 4)
(select list(time_bucket(interval '1 day', t, zone) order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(try_strptime(zone, '%Z') order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(monthname(t) order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(last_day(t) order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where true)
(select list(range(t, t + step, interval '12 hours') order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format) where i != 3)
(select list(generate_series(t, t + step, interval '12 hours') order by i) from (values (1, timestamptz '2021-11-07 01:30-04', 'day', interval '1 day', 'Asia/Tokyo', '%H:%M %Z and more text'), (2, null, 'month', interval '1 month', 'UTC', '%Y'), (3, timestamptz 'infinity', 'hour', null, 'Europe/Paris', '%x'), (4, timestamptz '1880-01-01 12:00', 'minute', interval '-1 day', 'Pacific/Apia', '%c')) v(i, t, part, step, zone, format))

-- zone: Africa/Cairo
strptime('2021-01-01 10:00 EST', '%Y-%m-%d %H:%M %Z')
timestamptz '2021-01-01 10:00 America/New_York'
strftime(timestamptz '2021-01-01 10:00', '%Z')

-- zone: Asia/Pyongyang
date_trunc('month', timestamptz '2015-08-20 12:00')
timestamptz '2018-05-04 23:45:00'
timestamptz '2015-08-14 23:45:00'

-- zone: Pacific/Kiritimati
timestamptz '1994-12-31 12:00:00'
timestamptz '1994-12-30 12:00:00' + interval '2 days'
date_diff('day', timestamptz '1994-12-30', timestamptz '1995-01-02')

-- zone: Pacific/Niue
date_diff('week', timestamptz '2021-10-05 00:00', timestamptz '2021-10-18')
date_diff('week', timestamptz '2021-10-10 00:00', timestamptz '2021-10-24')
epoch(timestamptz '1970-02-04 02:14:57.123456')

-- zone: America/Argentina/La_Rioja
date_trunc('quarter', timestamptz '1988-12-15 12:00')

-- zone: Pacific/Galapagos
date_trunc('decade', timestamptz '1931-12-15 12:00')
date_trunc('century', timestamptz '1931-12-15 12:00')
date_trunc('year', timestamptz '1931-12-15 12:00')

-- zone: America/New_York
-- differs: ICU's NULL has the type STRUCT without fields
date_part(['year', 'epoch'], null::timestamptz)
-- differs: ICU takes infinity for the last instant and gives 292,226 years
age(timestamptz 'infinity', timestamptz '2021-01-01')
-- differs: ICU's abbreviation is the shortest name of any zone with the same rules, here Japan
(select abbrev from pg_timezone_names() where name = 'Asia/Tokyo')
-- differs: ICU drops what follows the offset of a time; here it is an error
'10:00:00.5-03 or so'::timetz
-- differs: ICU has a time for a word that means a day
'epoch'::timetz

