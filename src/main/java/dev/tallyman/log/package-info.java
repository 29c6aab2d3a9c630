/**
 * Reads what the monitors wrote: record files that rotate while they are read. A plain read passes chunks on as they are; line work is done
 * only where a query asks for lines (tail, since, until, timestamps).
 */
@org.jspecify.annotations.NullMarked
package dev.tallyman.log;
