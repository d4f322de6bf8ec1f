-- Takes a tag away. $1 tag.
delete from wh.data_tags where tag = $1
