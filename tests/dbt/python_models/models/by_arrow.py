import pyarrow


def model(dbt, session):
    return pyarrow.table({"n": [1, 2, None], "word": ["a", None, "c"]})
