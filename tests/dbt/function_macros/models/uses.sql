select {{ function('twice') }}(21) as n, {{ function('shop', 'four_times') }}(1) as m
