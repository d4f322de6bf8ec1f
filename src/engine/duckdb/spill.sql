-- Whether joins and aggregates of this connection work out of core from their start. always: true or false.
set session debug_force_external = {{ always }}
