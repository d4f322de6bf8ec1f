-- Keeps the order of rows again in statements planned from now on.
set preserve_insertion_order = true
