"""One file a calculator; each names its ``CALCULATOR``. See README.md."""
