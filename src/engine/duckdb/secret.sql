-- Creates a secret. name, persistent, parts: pairs of a word and a value, already written as SQL has it.
create or replace{{ ' persistent' if persistent else '' }} secret {{ name | ident }} ({% for word, value in parts %}{{ word }} {{ value }}{{ '' if loop.last else ', ' }}{% endfor %})
