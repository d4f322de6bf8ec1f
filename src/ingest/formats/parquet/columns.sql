-- Returns the columns of a Parquet file; path is a literal since `describe` takes no parameters.
describe select * from read_parquet({{ path | literal }}, hive_partitioning = false)
