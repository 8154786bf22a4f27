package dev.tutti.registry.testing;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An OpenID provider that knows whoever it is told to: {@code POST /script} gives the claims of the
 * next ID tokens, those of a right one beside them.
 */
public final class ScriptedProvider implements QuarkusTestResourceLifecycleManager {

  /** Setting with its address. */
  public static final String URL = "quarkus.oidc.auth-server-url";

  private static final String CLIENT = "tutti-registry";
  private static final String SECRET = "a secret of the client, long enough to encrypt with";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Map<String, String>> asked = new ConcurrentHashMap<>();
  private final KeyPair key = key();
  private final KeyPair foreign = key();
  private volatile Map<String, Object> script = Map.of();
  private HttpServer server;
  private String url;

  @Override
  public Map<String, String> start() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    url = "http://127.0.0.1:" + server.getAddress().getPort();
    server.createContext("/.well-known/openid-configuration", this::describe);
    server.createContext("/jwks", this::keys);
    server.createContext("/authorize", this::authorize);
    server.createContext("/token", this::token);
    server.createContext("/script", this::script);
    server.start();
    return Map.of(
        URL,
        url,
        "quarkus.oidc.client-id",
        CLIENT,
        "quarkus.oidc.token.audience",
        CLIENT,
        "quarkus.oidc.credentials.secret",
        SECRET,
        "tutti.registry.oidc.viewers",
        "readers,everybody",
        "tutti.registry.oidc.operators",
        "runners",
        "tutti.registry.oidc.administrators",
        "owners");
  }

  @Override
  public void stop() {
    server.stop(0);
  }

  private void describe(HttpExchange http) throws IOException {
    answer(
        http,
        200,
        Map.of(
            "issuer",
            url,
            "authorization_endpoint",
            url + "/authorize",
            "token_endpoint",
            url + "/token",
            "jwks_uri",
            url + "/jwks",
            "end_session_endpoint",
            url + "/end",
            "response_types_supported",
            List.of("code"),
            "subject_types_supported",
            List.of("public"),
            "id_token_signing_alg_values_supported",
            List.of("RS256")));
  }

  private void keys(HttpExchange http) throws IOException {
    var its = (RSAPublicKey) key.getPublic();
    answer(
        http,
        200,
        Map.of(
            "keys",
            List.of(
                Map.of(
                    "kty", "RSA",
                    "kid", "one",
                    "alg", "RS256",
                    "use", "sig",
                    "n", base64(unsigned(its.getModulus().toByteArray())),
                    "e", base64(unsigned(its.getPublicExponent().toByteArray()))))));
  }

  private void script(HttpExchange http) throws IOException {
    script = JSON.readValue(http.getRequestBody(), new TypeReference<>() {});
    answer(http, 200, Map.of());
  }

  /** Whoever comes is known at once. */
  private void authorize(HttpExchange http) throws IOException {
    Map<String, String> query = parameters(http.getRequestURI().getRawQuery());
    boolean isRight =
        query.get("response_type").equals("code")
            && query.get("client_id").equals(CLIENT)
            && query.get("code_challenge_method").equals("S256")
            && query.get("scope").contains("openid");
    String code = "code-" + asked.size();
    asked.put(code, query);
    http.getResponseHeaders()
        .set(
            "Location",
            query.get("redirect_uri")
                + (isRight ? "?code=" + code : "?error=invalid_request")
                + "&state="
                + query.get("state"));
    http.sendResponseHeaders(302, -1);
    http.close();
  }

  private void token(HttpExchange http) throws IOException {
    Map<String, String> form =
        parameters(new String(http.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    String basic = http.getRequestHeaders().getFirst("Authorization");
    Map<String, String> query = asked.remove(form.getOrDefault("code", ""));
    boolean isRight =
        query != null
            && basic != null
            && new String(Base64.getDecoder().decode(basic.substring(6)), StandardCharsets.UTF_8)
                .startsWith(CLIENT + ":")
            && query.get("redirect_uri").equals(form.get("redirect_uri"))
            && query.get("code_challenge").equals(challenge(form.get("code_verifier")));
    if (!isRight) {
      answer(http, 400, Map.of("error", "invalid_grant"));
      return;
    }
    long now = Instant.now().getEpochSecond();
    var claims = new HashMap<String, Object>();
    claims.put("iss", url);
    claims.put("aud", CLIENT);
    claims.put("sub", "subject-1");
    claims.put("iat", now);
    claims.put("exp", now + 300);
    claims.put("nonce", query.get("nonce"));
    claims.putAll(script);
    KeyPair by = Boolean.TRUE.equals(claims.remove("foreign_key")) ? foreign : key;
    answer(
        http,
        200,
        Map.of(
            "access_token",
            "opaque",
            "token_type",
            "Bearer",
            "expires_in",
            300,
            "id_token",
            signed(claims, by)));
  }

  private static String signed(Map<String, Object> claims, KeyPair by) throws IOException {
    String text =
        base64(JSON.writeValueAsBytes(Map.of("alg", "RS256", "typ", "JWT", "kid", "one")))
            + "."
            + base64(JSON.writeValueAsBytes(claims));
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(by.getPrivate());
      signature.update(text.getBytes(StandardCharsets.US_ASCII));
      return text + "." + base64(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String challenge(String verifier) {
    try {
      return base64(
          MessageDigest.getInstance("SHA-256")
              .digest(verifier.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> parameters(String text) {
    var parameters = new HashMap<String, String>();
    for (String pair : text.split("&")) {
      String[] both = pair.split("=", 2);
      parameters.put(
          both[0], both.length < 2 ? "" : URLDecoder.decode(both[1], StandardCharsets.UTF_8));
    }
    return parameters;
  }

  private static void answer(HttpExchange http, int status, Map<String, ?> body)
      throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(body);
    http.getResponseHeaders().set("Content-Type", "application/json");
    http.sendResponseHeaders(status, bytes.length);
    http.getResponseBody().write(bytes);
    http.close();
  }

  private static byte[] unsigned(byte[] number) {
    return number[0] == 0 ? java.util.Arrays.copyOfRange(number, 1, number.length) : number;
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static KeyPair key() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
