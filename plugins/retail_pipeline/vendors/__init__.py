"""The vendors' protocols: what is sent, how it is signed, what an answer means. They know no flow."""
