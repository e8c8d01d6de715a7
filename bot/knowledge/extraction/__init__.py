"""Text out of documents, in a process of its own: a file is a stranger's program until it has been read."""
