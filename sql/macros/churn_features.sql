{#- The numeric features of the churn model. -#}
{% macro churn_numeric() -%}
    {{ return([
        'age', 'monthly_charges', 'tenure_months', 'avg_sessions_3m', 'avg_active_days_3m', 'avg_call_minutes_3m',
        'avg_data_gb_3m', 'sessions_trend', 'total_spend', 'avg_spend_3m', 'n_late_invoices_6m', 'n_tickets_3m',
        'avg_satisfaction_6m'
    ]) }}
{%- endmacro %}

{#- The categorical features of the churn model. -#}
{% macro churn_categorical() -%}
    {{ return(['gender', 'region', 'contract', 'payment_method', 'internet_service']) }}
{%- endmacro %}
