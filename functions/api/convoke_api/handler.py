"""The API function's entry point; Lambda imports it while it initializes an environment."""

from convoke_api.cold_start import no_garbage_collection

with no_garbage_collection():
    from convoke_api.composition import compose

    handler = compose()
