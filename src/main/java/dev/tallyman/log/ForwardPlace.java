package dev.tallyman.log;

/**
 * A place in a container's log that outlives the server and the names of files.
 *
 * @param fileBegun time of the file's first record, nanoseconds since 1970
 * @param offset a byte in it, where a record begins
 */
record ForwardPlace(long fileBegun, long offset) {}
