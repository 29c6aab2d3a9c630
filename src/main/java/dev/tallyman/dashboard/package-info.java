/**
 * Pages for people, rendered on the server. They ask the same services as every other edge and decide nothing about rights: a control that the
 * services would refuse to the caller is not shown, and a request for it is answered with the service's refusal.
 */
@NullMarked
package dev.tallyman.dashboard;

import org.jspecify.annotations.NullMarked;
