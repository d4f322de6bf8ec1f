select {{ double(y=2) }}
