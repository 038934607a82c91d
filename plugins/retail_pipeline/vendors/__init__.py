"""The vendors' protocols: requests, their signatures, and the meaning of answers. They do not know the flows."""
