"""The log of plug-ins, under dbt's name."""

import logging


class AdapterLogger:
    def __init__(self, name):
        self.logger = logging.getLogger(name)

    def __getattr__(self, name):
        return getattr(self.logger, name)
