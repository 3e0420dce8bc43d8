"""The demo: an invented newspaper, an invented town and its long argument, for `make demo` and the browser tests."""
