{{ config(materialized='table', pre_hook=["insert into said values ('own before', 9)", {'sql': "insert into said values ('own dict', 8)", 'transaction': True}], post_hook={'sql': "insert into said values ('own after', 7)"}) }}
select * from {{ ref('a') }}
