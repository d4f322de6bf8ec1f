{% macro m() %} no end
