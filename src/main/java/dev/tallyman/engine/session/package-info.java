/** Sessions of build clients: connections over which this server asks the client for files and credentials. */
@NullMarked
package dev.tallyman.engine.session;

import org.jspecify.annotations.NullMarked;
