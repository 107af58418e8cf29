"""Pure decisions about files: how they are read, mapped, checked and written."""
