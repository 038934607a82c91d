"""They watch all flows together: the loads, the settings, and whether the watches themselves look."""
