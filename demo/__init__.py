"""What script/demo and script/survive show on real servers."""
