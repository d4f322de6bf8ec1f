{% macro n() %} no end
