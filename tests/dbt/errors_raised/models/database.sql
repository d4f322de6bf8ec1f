select * from does_not_exist
