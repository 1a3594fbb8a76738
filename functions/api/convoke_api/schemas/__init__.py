"""What requests and responses hold: the HTTP contract as models, and the source of its OpenAPI document."""
