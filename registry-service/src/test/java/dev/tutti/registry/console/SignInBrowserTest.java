package dev.tutti.registry.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.watch.ServicesOnlyTest;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A person's way in and out. */
@QuarkusTest
@TestProfile(ServicesOnlyTest.Required.class)
@ExtendWith(OfRegistry.class)
class SignInBrowserTest {

  private static final String OWN = "a long one of her own";

  @Test
  void anAdministratorSignsInMakesAUserAndSignsOut() {
    String once = Person.make("ivy", "administrator");
    try (var browser = new Browser()) {
      Page page = browser.open("/console/users");
      assertThat(page.locator("h1")).hasText("Sign in");
      page.getByLabel("User").fill("ivy");
      page.getByLabel("Password", new Page.GetByLabelOptions().setExact(true)).fill("a guess");
      page.keyboard().press("Enter");
      assertThat(page.getByRole(AriaRole.ALERT)).containsText("no such user");
      browser.look("sign-in");
      page.getByLabel("Password", new Page.GetByLabelOptions().setExact(true)).fill(once);
      button(page, "Sign in").click();
      assertThat(page.locator("h1")).hasText("Your account");
      page.getByLabel("Password so far").fill(once);
      page.getByLabel("New password", new Page.GetByLabelOptions().setExact(true)).fill(OWN);
      page.getByLabel("New password again").fill(OWN);
      browser.look("account");
      button(page, "Change it").click();
      assertThat(page.locator("h1")).hasText("Users");
      page.getByLabel("Name (required)").fill("jo");
      page.getByLabel("Role").selectOption("viewer");
      browser.look("users");
      button(page, "Make the user").click();
      assertThat(page.locator("h1")).hasText("One-time password of jo");
      assertThat(page.locator("code.secret"))
          .hasText(Pattern.compile("([a-z2-9]{4}-){4}[a-z2-9]{4}"));
      browser.look("one-time-password");
      page.getByText("To jo").click();
      assertThat(page.locator("h1")).hasText("jo");
      browser.look("user");
      button(page, "Sign out").click();
      assertThat(page.locator("h1")).hasText("Sign in");
      page.navigate(Rest.uri("/console/users").toString());
      assertThat(page.locator("h1")).hasText("Sign in");
    }
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }
}
