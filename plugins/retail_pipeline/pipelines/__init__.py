"""One folder is one flow, from end to end. None imports another: what two need is an engine."""
