-- Makes an empty temporary table of a file's predictions. reasons: their numbers.
create or replace temp table "wh predictions" (
    "wh row" bigint,
    probability double,
    predicted varchar{% for number in reasons %},
    reason_{{ number }} varchar,
    reason_{{ number }}_feature varchar,
    reason_{{ number }}_contribution double{% endfor %}
)
