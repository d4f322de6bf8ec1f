{{ config(materialized='table') }} select error('at run time') as x
