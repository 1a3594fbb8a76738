"""A function whose import fails. No part of the product."""

raise RuntimeError("the settings are wrong")
