select {{ function('broken') }}(21) as n
