-- Copies what is profiled, where reading it several times would cost more. from: a relation, or a file's path as a literal.
create or replace temp table profile_copy as
from {{ from }}
