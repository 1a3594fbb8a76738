"""PostgreSQL through SQLAlchemy Core and pg8000: engine, transactions, errors, sign-in."""
