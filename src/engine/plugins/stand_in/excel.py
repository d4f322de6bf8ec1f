"""Sheets of Excel as sources, and models as sheets."""

import os

import pandas

from . import BasePlugin, pd_utils

# What the plug-in takes, by the variable that the file system of s3 reads it from.
VARIABLES = {
    "s3_access_key_id": "AWS_ACCESS_KEY_ID",
    "s3_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "s3_region": "AWS_DEFAULT_REGION",
}
TOO_LARGE = "This sheet is too large"


class Plugin(BasePlugin):
    writer = None

    def initialize(self, plugin_config):
        self.config = plugin_config
        if "output" in plugin_config and "file" not in plugin_config["output"]:
            raise ValueError("`output` names no `file`")
        for key, variable in VARIABLES.items():
            if key in plugin_config:
                os.environ[variable] = plugin_config[key]

    def load(self, source_config):
        location = source_config["external_location"].format(**source_config.as_dict())
        location = location if "s3" in location else location.strip("'")
        return pandas.read_excel(location, sheet_name=source_config.get("sheet_name", 0))

    def store(self, target_config):
        output = self.config["output"]
        options = {**output, **(target_config.config.get("overrides") or {})}
        sheet = options.get("sheet_name") or (target_config.relation.identifier or "Sheet1")[:31]
        rows = pd_utils.target_to_df(target_config)
        if options.get("skip_empty_sheet", False) and is_empty(rows, target_config.location.path):
            return
        writer = self.opened(output)
        try:
            rows.to_excel(
                writer,
                sheet_name=sheet,
                na_rep=options.get("na_rep", ""),
                float_format=options.get("float_format"),
                header=options.get("header", True),
                index=options.get("index", True),
                merge_cells=options.get("merge_cells", True),
                inf_rep=options.get("inf_rep", "inf"),
            )
        except ValueError as error:
            if not str(error).startswith(TOO_LARGE) or not options["ignore_sheet_too_large"]:
                raise
            said = options.get("ignore_sheet_too_large_error", str(error))
            pandas.DataFrame([{"Error": said}]).to_excel(writer, sheet_name=sheet, index=False)
            return
        if not options.get("lazy_close", True):
            self.close()

    def opened(self, output):
        """The file, made when the first sheet is written: a plug-in that stores nothing leaves it alone."""
        if self.writer is None:
            self.writer = pandas.ExcelWriter(
                output["file"],
                mode=output.get("mode", "w"),
                engine=output.get("engine", "xlsxwriter"),
                engine_kwargs=output.get("engine_kwargs", {}),
                date_format=output.get("date_format"),
                datetime_format=output.get("datetime_format"),
            )
            if not output.get("header_styling", True):
                from pandas.io.formats import excel

                excel.ExcelFormatter.header_style = None
        return self.writer

    def close(self):
        if self.writer is not None:
            self.writer.close()
            self.writer = None

    def __del__(self):
        self.close()


def is_empty(rows, path):
    """Whether no row says anything but what the names of its folders say."""
    partitions = [part.split("=")[0] for part in path.split("/") if "=" in part]
    return not rows.drop(columns=partitions).notna().any(axis=None)
