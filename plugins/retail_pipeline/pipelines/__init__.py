"""One folder is one flow, from end to end. None imports another: code that two flows need is an engine."""
