"""What the tests share: the hub as a process, HTTP by hand, a strict reader of streams."""
