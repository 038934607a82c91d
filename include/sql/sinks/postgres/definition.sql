{name} {type} {null}
