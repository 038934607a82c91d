'"{field}":"' || replace(replace({column}, E'\\', E'\\\\'), '"', E'\\"') || '"'
