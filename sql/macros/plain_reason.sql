{#- A reason of `churn_scores` in the words of the retention team: `n_late_invoices_6m = 3` becomes `late invoices in half a year = 3`. -#}
{% macro plain_reason(n) -%}
    {%- set words = {
        'avg_sessions_3m': 'sessions a month',
        'avg_active_days_3m': 'active days a month',
        'avg_call_minutes_3m': 'minutes of calls a month',
        'avg_data_gb_3m': 'GB a month',
        'sessions_trend': 'change of use',
        'total_spend': 'spent so far',
        'avg_spend_3m': 'spent a month',
        'n_late_invoices_6m': 'late invoices in half a year',
        'n_tickets_3m': 'support tickets in three months',
        'avg_satisfaction_6m': 'score of the support desk',
        'monthly_charges': 'price a month',
        'tenure_months': 'months with us',
        'has_online_security': 'security booked',
        'has_online_backup': 'backup booked',
        'has_streaming': 'streaming booked',
        'has_paperless_billing': 'invoices by mail only',
        'payment_method': 'pays by',
        'internet_service': 'internet',
    } -%}
    replace(scores.reason_{{ n }}, scores.reason_{{ n }}_feature, case scores.reason_{{ n }}_feature
        {%- for feature, word in words.items() %}
        when '{{ feature }}' then '{{ word }}'
        {%- endfor %}
        else scores.reason_{{ n }}_feature
    end)
{%- endmacro %}
