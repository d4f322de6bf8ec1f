-- Lets statements planned from now on store rows in any order.
set preserve_insertion_order = false
