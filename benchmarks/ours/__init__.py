"""Convoke as it is measured: behind a web server, behind the gateway, and as a bare handler."""
