select * from {{ source('ledger', 'entries') }}
