//! Executes a plan: order, threads, transactions, events. Prints nothing.
