-- Lets other threads ask how far this session's statement is, and DuckDB print nothing of it.
set enable_progress_bar = true;
set enable_progress_bar_print = false;
