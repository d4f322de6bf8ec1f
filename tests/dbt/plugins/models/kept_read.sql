select * from {{ source('ledger', 'kept') }}
