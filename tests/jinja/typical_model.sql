{%- set methods = ['card', 'cash'] -%}

with orders as (

    select * from {{ ref('raw_orders') }}

),

totals as (

    select
        order_id,
        {% for method in methods -%}
        sum(case when method = '{{ method }}' then amount else 0 end) as {{ method }}_amount
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from orders
    group by 1

)

select * from totals
