{{ outer() }}
