-- How far each source table has been read.
select source, table_name, field, value, epoch_us(updated_at) as updated_at from wh.cursors
