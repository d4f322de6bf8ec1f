{{ function('twice') }}({{ function('twice') }}(x))
