"""What `make bench` runs: every figure beside the thing it must be compared with, in the same run."""
