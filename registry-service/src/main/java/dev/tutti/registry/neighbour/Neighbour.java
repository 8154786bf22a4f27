package dev.tutti.registry.neighbour;

import io.grpc.Channel;

/**
 * A service that the registry asks.
 *
 * @param service for messages, e.g. "decoder-service"
 * @param channel to it
 */
record Neighbour(String service, Channel channel) {}
