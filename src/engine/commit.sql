-- Makes the changes of the running transaction final.
commit
