"""Are the loads in time, are their windows complete, does the nightly comparison agree?"""
