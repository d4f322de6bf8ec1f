-- Installs, when it is not there yet, and loads a DuckDB extension. extension: its name. repository: a word such as community, an address, or none.
install {{ extension | ident }}{% if repository %} from {{ repository | literal if '/' in repository else repository | ident }}{% endif %};
load {{ extension | ident }};
