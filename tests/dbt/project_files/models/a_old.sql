select nonsense from
