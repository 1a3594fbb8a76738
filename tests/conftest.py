"""Settings of all tests."""

from hypothesis import settings

# A loaded machine is no fault of the code: no test asserts a duration.
settings.register_profile("convoke", deadline=None)
settings.load_profile("convoke")
