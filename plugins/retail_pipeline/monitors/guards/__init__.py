"""Do those that watch look? And what says so where one of them never did?"""
