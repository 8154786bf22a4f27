package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tutti.registry.dataset.Partners;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Who may write together, by a dataset; see {@link Partners}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Partners", description = "Who may write together token by token.")
public record PartnersItem(
    @Schema(description = "The dataset.") String dataset,
    @Schema(description = "Queries that all of these members answered.") long queries,
    @Schema(description = "Most that a score may be below the best, as a share of it.")
        double within,
    @Schema(description = "Most by which answers may be longer, or have more lines.")
        double styleRatio,
    @Schema(description = "The best score first.") List<Member> items) {

  /** One member. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(name = "Partner", description = "A member of a dataset, as a partner of the best one.")
  public record Member(
      @Schema(description = "Its name in the dataset.") String member,
      @Schema(description = "Mean of its scores over these queries.") double score,
      @Schema(description = "How far below the best, as a share of it; absent where that is 0.")
          Double gap,
      @Schema(description = "Mean length of its answers; absent where none is recorded.")
          Double characters,
      @Schema(description = "Mean number of lines of its answers; absent where none is recorded.")
          Double lines,
      @Schema(description = "Whether it may write with the best; the best one itself may.")
          boolean partner,
      @Schema(description = "Why, or why not.") String reason) {}

  static PartnersItem of(String dataset, Partners partners, Partners.Rule rule) {
    return new PartnersItem(
        dataset,
        partners.queries(),
        rule.within(),
        rule.styleRatio(),
        partners.members().stream()
            .map(
                m ->
                    new Member(
                        m.member(),
                        m.score(),
                        Double.isFinite(m.gap()) ? m.gap() : null,
                        m.style().map(Partners.Style::characters).orElse(null),
                        m.style().map(Partners.Style::lines).orElse(null),
                        m.partner(),
                        m.reason()))
            .toList());
  }
}
