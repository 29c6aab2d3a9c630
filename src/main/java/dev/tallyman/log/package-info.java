/**
 * Reads what the monitors wrote: record files that rotate while they are read. A plain read passes chunks on as they are; line work is done
 * only where a query asks for lines (tail, since, until, timestamps). For log drivers that forward, one reader for each container follows the files
 * and sends lines on, at least once; owns the table {@code log_forwarding}, how far each of them came.
 */
@org.jspecify.annotations.NullMarked
package dev.tallyman.log;
