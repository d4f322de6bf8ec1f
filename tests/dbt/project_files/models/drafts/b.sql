select {{ nothing() }}
