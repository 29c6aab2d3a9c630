/** gRPC that clients speak to this server over a connection taken from HTTP: its wire, its statuses, and Protocol Buffers. */
@NullMarked
package dev.tallyman.engine.grpc;

import org.jspecify.annotations.NullMarked;
