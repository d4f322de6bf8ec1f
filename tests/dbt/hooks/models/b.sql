{{ config(materialized='table', pre_hook=["insert into said values ('own before', 9)", {'sql': "insert into said values ('own dict', 8)", 'transaction': True}], post_hook=before_commit("insert into said values ('before commit', 7)")) }}
select * from {{ ref('a') }}
