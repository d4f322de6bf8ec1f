{#- Sets the zone of a session and the folder in which relative paths of files are looked for. zone, folder: text. -#}
set TimeZone = {{ zone | literal }};
set file_search_path = {{ folder | literal }}
