select {{ double(1, 2) }}
