package dev.tutti.decoder.runtime.peer;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.kit.grpc.FailureException;
import dev.tutti.registry.v1.Model;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The other decoders, and which of them holds a model. Thread-safe. */
public final class Peers implements AutoCloseable {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,63}");
  private static final Pattern ADDRESS = Pattern.compile("(\\S+):([0-9]{1,5})");

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(1);

  private final Optional<String> own;
  private final SortedMap<String, Peer> others = new TreeMap<>();

  /**
   * The others; connected to when one is asked for the first time.
   *
   * @param own name of this decoder; empty where it is alone
   * @param addresses {@code host:port} of each, by its name; this decoder's own may be among them
   * @param timeout longest silence of one that was asked for something, 1 ms to 24 h
   * @param top most tokens that a distribution of theirs tells; empty for all
   * @param credentials how connections to them are secured
   * @param through what every call of theirs goes through: so its trace goes on there, and they
   *     know that it is one of this platform's services
   * @param meters where is shown how they are
   * @throws IllegalArgumentException when a name or an address is none, or a number is out of its
   *     range
   */
  public Peers(
      Optional<String> own,
      Map<String, String> addresses,
      Duration timeout,
      OptionalInt top,
      ChannelCredentials credentials,
      List<ClientInterceptor> through,
      MeterRegistry meters) {
    own.ifPresent(name -> requireName("tutti.decoder.name", name));
    if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "tutti.decoder.peer-timeout is %s; 1 ms to 24 h are allowed.".formatted(timeout));
    }
    if (top.isPresent() && top.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "tutti.decoder.peer-top is %d; it must be at least 1.".formatted(top.getAsInt()));
    }
    this.own = own;
    var calls = new ArrayList<>(through);
    calls.add(Relayed.marking(own.orElse("")));
    addresses.forEach(
        (name, address) -> {
          String setting = "tutti.decoder.peers." + name;
          requireName(setting, name);
          var parts = ADDRESS.matcher(address);
          int port = parts.matches() ? Integer.parseInt(parts.group(2)) : 0;
          if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException(
                "%s is '%s'; it must be host:port.".formatted(setting, address));
          }
          if (!own.equals(Optional.of(name))) {
            var counted = new PeerMeters(meters, name);
            String host = parts.group(1);
            others.put(name, new Peer(name, host, port, timeout, top, credentials, calls, counted));
          }
        });
  }

  private static void requireName(String setting, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "%s: a decoder is not called '%s'; names are 1 to 64 of a-z, 0-9 and '-', a letter first."
              .formatted(setting, name));
    }
  }

  /**
   * Who holds a model.
   *
   * @return empty where this decoder does
   * @throws FailureException when nobody here knows that decoder, or when the one that asks thinks
   *     it is this one
   */
  public Optional<Peer> holding(Model model) {
    if (isHere(model)) {
      return Optional.empty();
    }
    Relayed.requireNone(model, own);
    Peer peer = others.get(model.getDecoder());
    if (peer == null) {
      throw new Failure.FailedPrecondition(
              "model.decoder",
              "DECODER_UNKNOWN",
              "The decoder '%s', which holds '%s', is not known here (tutti.decoder.peers); known: %s."
                  .formatted(
                      model.getDecoder(),
                      model.getName(),
                      others.isEmpty() ? "none" : String.join(", ", others.keySet())))
          .exception();
    }
    return Optional.of(peer);
  }

  /**
   * Refuses a model that another decoder holds: what is asked for is only given where it is.
   *
   * @throws FailureException MODEL_ELSEWHERE
   */
  public void requireHere(Model model) {
    if (!isHere(model)) {
      throw Relayed.elsewhere(model, own);
    }
  }

  /**
   * How the connection to each of the others is, by its name; none is made to one that nobody has
   * asked for.
   */
  public SortedMap<String, ConnectivityState> connections() {
    var connections = new TreeMap<String, ConnectivityState>();
    others.forEach((name, peer) -> connections.put(name, peer.connection()));
    return connections;
  }

  /** Whether this decoder holds a model, whoever is known of the others. */
  public boolean isHere(Model model) {
    return model.getDecoder().isEmpty() || own.equals(Optional.of(model.getDecoder()));
  }

  @Override
  public void close() {
    others.values().forEach(Peer::close);
  }
}
