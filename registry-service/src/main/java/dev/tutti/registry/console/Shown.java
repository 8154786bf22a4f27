package dev.tutti.registry.console;

import dev.tutti.job.v1.JobState;
import dev.tutti.kit.settings.MethodCatalog;
import dev.tutti.learning.v1.ArtifactAction;
import dev.tutti.method.v1.Family;
import dev.tutti.registry.ContractEnums;
import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Entry;
import dev.tutti.registry.FieldError;
import dev.tutti.registry.api.ActivityItem.Figures;
import dev.tutti.registry.api.ArtifactItem;
import dev.tutti.registry.api.DecisionItem;
import dev.tutti.registry.api.FeedbackItem;
import dev.tutti.registry.api.JobItem;
import dev.tutti.registry.api.KeyItem;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.key.Team;
import dev.tutti.registry.v1.CostUnit;
import dev.tutti.registry.v1.KeyScope;
import dev.tutti.registry.v1.Lifecycle;
import dev.tutti.registry.v1.Runtime;
import dev.tutti.registry.v1.Unserved;
import dev.tutti.router.v1.DecisionFailure;
import dev.tutti.router.v1.FeedbackSource;
import dev.tutti.type.v1.Capability;
import io.quarkus.qute.TemplateExtension;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** How values are shown. */
@TemplateExtension
public final class Shown {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final Pattern FRACTION = Pattern.compile("-?[0-9]+\\.[0-9]+(E-?[0-9]+)?");

  private Shown() {}

  /** The word of the REST. */
  static String word(Lifecycle value) {
    return ContractEnums.word(value);
  }

  /** The word of the REST. */
  static String word(Runtime value) {
    return ContractEnums.word(value);
  }

  /** The word of the REST. */
  static String word(Capability value) {
    return ContractEnums.word(value);
  }

  /** The word of the REST. */
  static String word(Family value) {
    return ContractEnums.word(value);
  }

  /** The word of the REST. */
  static String word(JobState value) {
    return ContractEnums.word(value);
  }

  /** The word of the REST. */
  static String word(Unserved value) {
    return ContractEnums.word(value);
  }

  /** The word of the REST. */
  static String word(CostUnit value) {
    return ContractEnums.word(value);
  }

  /** The word of the REST. */
  static String word(KeyScope value) {
    return ContractEnums.word(value);
  }

  /** The word of the REST. */
  static String word(ArtifactAction value) {
    return ContractEnums.word(value);
  }

  /** To the second. */
  static String shown(Instant time) {
    return TIME.format(time);
  }

  /** With commas. */
  static String shown(Long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** With commas. */
  static String shown(Integer number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** As short as it is exact. */
  static String shown(Double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  /** Without what is less than one. */
  static String whole(Double number) {
    return String.format(Locale.ROOT, "%,.0f", number);
  }

  /** The day of it. */
  static String date(Instant time) {
    return time.atZone(ZoneOffset.UTC).toLocalDate().toString();
  }

  /** To four digits that count. */
  static String rounded(Double number) {
    return !Double.isFinite(number)
        ? number.toString()
        : new BigDecimal(number).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }

  /**
   * What was measured, as the artifact has it: a number with a fraction to four digits that count.
   */
  static String measured(String value) {
    return FRACTION.matcher(value).matches() ? rounded(Double.valueOf(value)) : value;
  }

  /** A method's own words, which may lack the full stop. */
  static String sentence(String words) {
    return words.isEmpty() || words.endsWith(".") ? words : words + ".";
  }

  /** What is said. */
  static String said(FeedbackItem its) {
    if (its.rating() != null) {
      return "rated " + rounded(its.rating());
    }
    if (its.correct() != null) {
      return its.correct() ? "correct" : "wrong";
    }
    if (its.comparison() != null) {
      return "%s %s %s"
          .formatted(
              its.comparison().winner(),
              its.comparison().tie() ? "as good as" : "better than",
              its.comparison().loser());
    }
    return its.failed() == null ? "" : "the call failed";
  }

  /** The word of the REST. */
  static String word(FeedbackSource value) {
    return ContractEnums.word(value);
  }

  /** Its page. */
  static String href(DecisionItem decision) {
    return DecisionPages.href(decision.id());
  }

  /** Whether the request got no whole answer. */
  static boolean isUnanswered(DecisionItem decision) {
    return decision.failed() == DecisionFailure.DECISION_FAILURE_REQUEST;
  }

  /** Page of the decision of this id. */
  static String decisionHref(String id) {
    return DecisionPages.href(id);
  }

  /** Of all requests. */
  static String failedShare(Figures its) {
    return percent((double) its.failures() / its.requests());
  }

  /** Of what the dearest members would have cost; null where that is nothing. */
  static String savedShare(Figures its) {
    return its.dearestUsd() > 0 ? percent(its.savedUsd() / its.dearestUsd()) : null;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** Its page. */
  static String href(Entry entry) {
    return "/console/%s/%s".formatted(entry.kind().plural(), Curl.encoded(entry.name()));
  }

  /** Its page. */
  static String href(Ensemble.Member member) {
    return "/console/%s/%s".formatted(member.kind().plural(), Curl.encoded(member.ref()));
  }

  /** Its page. */
  static String href(JobItem job) {
    return "/console/jobs/%s/%s".formatted(Curl.encoded(job.service()), Curl.encoded(job.id()));
  }

  /** Its page. */
  static String href(ArtifactItem artifact) {
    return "/console/artifacts/%s/%s"
        .formatted(Curl.encoded(artifact.service()), Curl.encoded(artifact.name()));
  }

  /** Its page. */
  static String href(KeyItem key) {
    return "/console/keys/" + Curl.encoded(key.id());
  }

  /** Its page. */
  static String href(Team team) {
    return "/console/teams/" + Curl.encoded(team.name());
  }

  /** The form of an ensemble of it. */
  static String href(Method method) {
    return "/console/ensembles/~new?method=" + Curl.encoded(method.name());
  }

  /**
   * Where in a form the field is that was refused: a row of members, or the whole of another list.
   */
  static String anchor(FieldError error) {
    return "field-"
        + error
            .field()
            .replaceFirst("^(members\\[[0-9]+]).*", "$1")
            .replaceFirst("^(?!members)([a-z_]+)\\[[0-9]+].*", "$1");
  }

  /** What each of its members must be able to do. */
  static List<Capability> ofEach(Method method) {
    return method.needs().stream()
        .filter(need -> !MethodCatalog.GIVEN_BY_THE_PLATFORM.contains(need))
        .toList();
  }

  /** What it needs and gets from the platform, whoever its members are. */
  static List<Capability> given(Method method) {
    return method.needs().stream().filter(MethodCatalog.GIVEN_BY_THE_PLATFORM::contains).toList();
  }

  /** Whether its members may say how their answers are drawn. */
  static boolean sampled(Method method) {
    return method.family() == Family.FAMILY_FUSION || method.family() == Family.FAMILY_CASCADE;
  }

  /** US dollars, to four digits that count. */
  static String usd(Double number) {
    return number == 0 ? "0 USD" : rounded(number) + " USD";
  }

  /** A word of the REST for people. */
  static String words(String word) {
    return word.replace('_', ' ');
  }

  /** As one part of an address. */
  static String encoded(String text) {
    return Curl.encoded(text);
  }
}
