"""Moving in: reads other systems' export files and writes their comments into ours.

`run.import_file` is the door; `formats` reads files, `staging` and `trees` put them in order, `writing` stores them.
"""
