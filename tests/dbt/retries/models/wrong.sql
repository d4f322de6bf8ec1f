select nothing as id
