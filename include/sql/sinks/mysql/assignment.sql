{name} = IF({guard}, {source}, {head}.{name})
