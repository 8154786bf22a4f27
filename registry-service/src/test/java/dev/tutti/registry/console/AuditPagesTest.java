package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class AuditPagesTest {

  @Test
  void whoChangedWhatIsToldWithTheFields() {
    Browsing visit = Browsing.begin();
    String user = "<img src=x onerror=alert(1)>";
    Rest.post("models", Rest.model("console-logged", "full"), "X-Tutti-User", user).expect(201);
    Rest.put(
            "models/console-logged",
            Rest.model("console-logged", "full").replace("1.5", "2.5"),
            "\"1\"")
        .expect(200);
    String page = visit.get("/console/audit?name=console-logged").body();
    assertTrue(page.contains("&lt;img src=x onerror=alert(1)&gt;"), page);
    assertTrue(page.contains("<code>usd_per_million_prompt_tokens</code>"), page);
    assertTrue(page.contains("href=\"/console/models/console-logged/diff?from=1&amp;to=2\""), page);
    assertTrue(page.contains("none to 1"), page);
    String his = visit.get("/console/audit?user=" + Browsing.encoded(user)).body();
    assertFalse(his.contains("diff?from"), his);
    String csv = Rest.get("/console/audit/~csv?name=console-logged").expect(200).body();
    assertEquals(3, csv.lines().count());
    assertTrue(
        csv.contains(",anonymous,replace,model,console-logged,,1,2,usd_per_million_prompt_tokens,"),
        csv);
    for (String odd : List.of("'; drop table audit_log; --", "%", "\" or 1=1")) {
      visit.get("/console/audit?user=" + Browsing.encoded(odd));
      visit.get("/console/audit?name=" + Browsing.encoded(odd), 400);
    }
    visit.get("/console/audit?from=yesterday", 400);
    Rest.post("models", Rest.model("console-thrown", "full").replace("active", "draft"))
        .expect(201);
    visit.send("/console/models/console-thrown/delete", "version", "1").expect(303);
    String thrown = visit.get("/console/audit?name=console-thrown").body();
    assertFalse(thrown.contains("href=\"/console/models/console-thrown"), thrown);
    assertTrue(
        visit.get("/console/audit?to=2000-01-01T00:00:00Z").body().contains("No change fits."));
  }

  @Test
  void pagesTogetherAreTheLog() {
    Browsing visit = Browsing.begin();
    for (int i = 0; i < 51; i++) {
      Rest.post("models", Rest.model("turned-%02d".formatted(i), "full"), "X-Tutti-User", "turner")
          .expect(201);
    }
    String first = visit.get("/console/audit?user=turner").body();
    assertFalse(first.contains("turned-00"), first);
    var next = Pattern.compile("<a href=\"([^\"]*)\" rel=\"next\"").matcher(first);
    assertTrue(next.find(), first);
    String second = visit.get(next.group(1).replace("&amp;", "&")).body();
    assertTrue(second.contains("turned-00") && !second.contains("turned-01"), second);
  }
}
