SET {assignments}
