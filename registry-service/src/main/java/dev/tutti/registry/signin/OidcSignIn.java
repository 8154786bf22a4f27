package dev.tutti.registry.signin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tutti.registry.Author;
import dev.tutti.registry.Refusal;
import dev.tutti.registry.store.AuditInsert;
import dev.tutti.registry.store.Transactions;
import io.quarkus.oidc.OidcConfigurationMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * Signs in people whom an OpenID provider knows: their role is the highest that configuration gives
 * to one of the values of a claim; who has none is not let in. All methods block, and throw {@link
 * dev.tutti.registry.RefusedException}.
 */
@ApplicationScoped
public class OidcSignIn {

  private static final int LONGEST_NAME = 100;
  private static final List<String> NAMES = List.of("preferred_username", "email", "sub");

  private final ObjectMapper json;
  private final DataSource database;
  private final Sessions sessions;
  private final Instance<OidcConfigurationMetadata> provider;
  private final Optional<String> url;
  private final Optional<String> client;
  private final String claim;
  private final List<String> names;
  private final Map<Role, Set<String>> roles = new EnumMap<>(Role.class);

  OidcSignIn(
      ObjectMapper json,
      DataSource database,
      Sessions sessions,
      Instance<OidcConfigurationMetadata> provider,
      @ConfigProperty(name = "quarkus.oidc.auth-server-url") Optional<String> url,
      @ConfigProperty(name = "quarkus.oidc.client-id") Optional<String> client,
      @ConfigProperty(name = "tutti.registry.oidc.role-claim") String claim,
      @ConfigProperty(name = "tutti.registry.oidc.name-claim") Optional<String> nameClaim,
      @ConfigProperty(name = "tutti.registry.oidc.viewers") Optional<Set<String>> viewers,
      @ConfigProperty(name = "tutti.registry.oidc.operators") Optional<Set<String>> operators,
      @ConfigProperty(name = "tutti.registry.oidc.administrators")
          Optional<Set<String>> administrators) {
    this.json = json;
    this.database = database;
    this.sessions = sessions;
    this.provider = provider;
    this.url = url;
    this.client = client;
    this.claim = claim;
    this.names = nameClaim.map(List::of).orElse(NAMES);
    roles.put(Role.VIEWER, viewers.orElse(Set.of()));
    roles.put(Role.OPERATOR, operators.orElse(Set.of()));
    roles.put(Role.ADMINISTRATOR, administrators.orElse(Set.of()));
  }

  /** Whether a provider is configured. */
  public boolean isOffered() {
    return url.isPresent();
  }

  /** Signs in whom an ID token names, which is checked. */
  public Session by(JsonWebToken token, SignIn.Origin origin) throws SQLException {
    JsonNode claims = claims(token);
    String name = name(claims, names);
    Set<String> values = values(claims);
    Role role =
        Stream.of(Role.values())
            .filter(its -> roles.get(its).stream().anyMatch(values::contains))
            .max(Role::compareTo)
            .orElseThrow(
                () ->
                    new Refusal.Forbidden(
                            "The claim '%s' of '%s' gives no role here.".formatted(claim, name))
                        .exception());
    try (Connection connection = database.getConnection()) {
      return Transactions.run(
          connection,
          () -> {
            Session session =
                sessions.begin(
                    connection, origin.session(), name, Session.Provider.OIDC, role, false);
            var author = new Author(session.author(), origin.traceId());
            AuditInsert.note(connection, "SIGN_IN", "USER", name, author);
            return session;
          });
    }
  }

  /**
   * Where somebody who signed out here signs out of the provider too.
   *
   * @param back where the provider leads them then
   * @return null where the provider has no such place
   */
  public String signOut(String back) {
    String end = isOffered() ? provider.get().getEndSessionUri() : null;
    return end == null
        ? null
        : "%s%sclient_id=%s&post_logout_redirect_uri=%s"
            .formatted(
                end, end.contains("?") ? "&" : "?", encoded(client.orElse("")), encoded(back));
  }

  /** What an ID token says. The library has opinions of its own about some of the claims. */
  private JsonNode claims(JsonWebToken token) {
    try {
      return json.readTree(Base64.getUrlDecoder().decode(token.getRawToken().split("\\.")[1]));
    } catch (IOException | RuntimeException e) {
      throw new Refusal.Unauthorized("The ID token cannot be read.").exception();
    }
  }

  /** The first of the names that they have which the audit log can hold. */
  static String name(JsonNode claims, List<String> names) {
    return names.stream()
        .map(claim -> claims.path(claim).asText().strip())
        .filter(OidcSignIn::canBeNoted)
        .findFirst()
        .orElseThrow(
            () ->
                new Refusal.Forbidden(
                        "The ID token has no name of 1 to %d printable ASCII characters: none of %s."
                            .formatted(LONGEST_NAME, String.join(", ", names)))
                    .exception());
  }

  private static boolean canBeNoted(String name) {
    return !name.isEmpty()
        && name.length() <= LONGEST_NAME
        && name.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  /** What the claim says: one text, or several; by its name, or by names with slashes between. */
  private Set<String> values(JsonNode claims) {
    JsonNode its = claims.has(claim) ? claims.path(claim) : claims.at("/" + claim);
    return its.isTextual()
        ? Set.of(its.asText())
        : StreamSupport.stream(its.spliterator(), false)
            .filter(JsonNode::isTextual)
            .map(JsonNode::asText)
            .collect(Collectors.toSet());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
