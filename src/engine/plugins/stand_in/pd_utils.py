"""Reading what a model wrote, with pandas."""

import pandas


def target_to_df(target_config):
    location = target_config.location
    if location is None:
        raise ValueError("the model wrote no file")
    readers = {"csv": pandas.read_csv, "parquet": pandas.read_parquet}
    if location.format not in readers:
        raise ValueError(f"a plug-in reads csv and parquet, and the model wrote {location.format}")
    return readers[location.format](location.path)
