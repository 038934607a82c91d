"""WeChat mini-program data analysis."""
