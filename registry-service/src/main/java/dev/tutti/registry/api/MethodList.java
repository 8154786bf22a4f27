package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.protobuf.Value;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.FitDescription;
import dev.tutti.method.v1.MethodDescription;
import dev.tutti.method.v1.RoleDescription;
import dev.tutti.method.v1.SettingDescription;
import dev.tutti.method.v1.SettingType;
import dev.tutti.registry.neighbour.MethodListing;
import dev.tutti.type.v1.Capability;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * The methods of all services.
 *
 * @param methods by name
 * @param unavailable the services that could not be asked; their methods are missing
 */
@Schema(description = "The methods of all services.")
public record MethodList(
    @Schema(description = "By name.") List<Method> methods,
    @Schema(description = "The services that could not be asked; their methods are missing here.")
        List<MissingService> unavailable) {

  /**
   * A method.
   *
   * @param name as an ensemble says it
   * @param family where it works
   * @param service that has it
   * @param summary what it does, in one line
   * @param paper where it comes from
   * @param needs what each member must be able to do; embedding and feedback the platform gives
   * @param minMembers fewest members
   * @param maxMembers most members
   * @param nestable whether an ensemble may be a member
   * @param settings its settings
   * @param roles that its members may have; empty where all are alike
   * @param fit how it learns from a dataset; absent where it does not
   * @param rewrites whether it rewrites prompts
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @Schema(description = "A method.")
  public record Method(
      @Schema(description = "As an ensemble's `method` says it.") String name,
      @Schema(
              type = SchemaType.STRING,
              enumeration = {"router", "token", "span", "process", "fusion", "cascade"},
              description = "Where it works.")
          Family family,
      @Schema(description = "The service that has it.") String service,
      @Schema(description = "What it does, in one line.") String summary,
      @Schema(description = "Where it comes from.") String paper,
      @Schema(
              type = SchemaType.ARRAY,
              implementation = String.class,
              description =
                  "What each of its members must be able to do; `embedding` (of the prompt) and `feedback` the platform gives, whoever they are.")
          List<Capability> needs,
      @Schema(description = "Fewest members.") int minMembers,
      @Schema(description = "Most members.") int maxMembers,
      @Schema(description = "Whether an ensemble may be a member.") boolean nestable,
      @Schema(description = "Its settings.") List<Setting> settings,
      @Schema(description = "Roles that its members may have; empty where all are alike.")
          List<Role> roles,
      @Schema(description = "How it learns from a dataset; absent where it does not.") Fit fit,
      @Schema(
              description =
                  "Whether what it gives may be written for another prompt than the caller's: then tools, response_format"
                      + " and pictures of a request are refused.")
          boolean rewrites) {}

  /**
   * A role of a method's members.
   *
   * @param name as a member's {@code role} says it
   * @param minMembers fewest members with it
   * @param maxMembers most members with it
   * @param needs what each of them must be able to do, beside what the method needs of all
   * @param help what a member with it does
   * @param usual whether members that name no role have this one
   */
  @Schema(description = "A role of a method's members.")
  public record Role(
      @Schema(description = "As a member's `role` says it.") String name,
      @Schema(description = "Fewest members with it.") int minMembers,
      @Schema(description = "Most members with it.") int maxMembers,
      @Schema(
              type = SchemaType.ARRAY,
              implementation = String.class,
              description =
                  "What each of them must be able to do, beside what the method needs of all.")
          List<Capability> needs,
      @Schema(description = "What a member with it does.") String help,
      @Schema(
              description =
                  "Whether members that name no role have this one, but for the first or the last one where that has a role by its place.")
          boolean usual) {

    private static Role of(RoleDescription role) {
      return new Role(
          role.getName(),
          role.getMinMembers(),
          role.getMaxMembers(),
          role.getNeedsList(),
          role.getHelp(),
          role.getUsual());
    }
  }

  /**
   * How a method learns from a dataset.
   *
   * @param settings of its fit
   * @param minMembers fewest members that it can learn about
   * @param maxMembers most members
   */
  @Schema(description = "How a method learns from a dataset: /api/v1/fits.")
  public record Fit(
      @Schema(description = "Settings of its fit.") List<Setting> settings,
      @Schema(description = "Fewest members that it can learn about.") int minMembers,
      @Schema(description = "Most members.") int maxMembers) {

    private static Fit of(FitDescription fit) {
      return new Fit(
          fit.getSettingsList().stream().map(MethodList::setting).toList(),
          fit.getMinMembers(),
          fit.getMaxMembers());
    }
  }

  /**
   * A setting of a method.
   *
   * @param name its key in an ensemble's settings
   * @param type of its value
   * @param defaultValue where it is not given; null where the method decides
   * @param minimum least allowed number, inclusive; absent for none
   * @param maximum greatest allowed number, inclusive; absent for none
   * @param unit of the number; empty for none
   * @param allowed values of a choice
   * @param help what it does
   */
  @Schema(description = "A setting of a method.")
  public record Setting(
      @Schema(description = "Its key in an ensemble's `settings`.") String name,
      @Schema(
              type = SchemaType.STRING,
              enumeration = {
                "boolean",
                "integer",
                "number",
                "text",
                "choice",
                "number_list",
                "text_list"
              },
              description = "Type of its value.")
          SettingType type,
      @Schema(
              implementation = Object.class,
              description = "Its value where it is not given; null where the method decides.")
          Object defaultValue,
      @JsonInclude(JsonInclude.Include.NON_NULL)
          @Schema(description = "Least allowed number, inclusive; absent for none.")
          Double minimum,
      @JsonInclude(JsonInclude.Include.NON_NULL)
          @Schema(description = "Greatest allowed number, inclusive; absent for none.")
          Double maximum,
      @Schema(description = "Unit of the number; empty for none.") String unit,
      @Schema(description = "Values of a choice.") List<String> allowed,
      @Schema(description = "What it does.") String help) {}

  /**
   * A service that could not be asked.
   *
   * @param service its name
   * @param reason why
   */
  @Schema(description = "A service that could not be asked.")
  public record MissingService(
      @Schema(description = "Its name.") String service,
      @Schema(description = "Why.") String reason) {}

  /** The list as the services told it. */
  static MethodList of(MethodListing listing) {
    return new MethodList(
        listing.methods().stream().map(MethodList::method).toList(),
        listing.unavailable().stream()
            .map(m -> new MissingService(m.service(), m.reason()))
            .toList());
  }

  private static Method method(MethodListing.Offer offer) {
    MethodDescription method = offer.method();
    return new Method(
        method.getName(),
        method.getFamily(),
        offer.service(),
        method.getSummary(),
        method.getPaper(),
        method.getNeedsList(),
        method.getMinMembers(),
        method.getMaxMembers(),
        method.getNestable(),
        method.getSettingsList().stream().map(MethodList::setting).toList(),
        method.getRolesList().stream().map(Role::of).toList(),
        method.hasFit() ? Fit.of(method.getFit()) : null,
        method.getRewrites());
  }

  private static Setting setting(SettingDescription setting) {
    return new Setting(
        setting.getName(),
        setting.getType(),
        json(setting.getDefaultValue()),
        setting.hasMinimum() ? setting.getMinimum() : null,
        setting.hasMaximum() ? setting.getMaximum() : null,
        setting.getUnit(),
        setting.getAllowedList(),
        setting.getHelp());
  }

  private static Object json(Value value) {
    return switch (value.getKindCase()) {
      case BOOL_VALUE -> value.getBoolValue();
      case STRING_VALUE -> value.getStringValue();
      // A whole number shows as one.
      case NUMBER_VALUE ->
          value.getNumberValue() == Math.rint(value.getNumberValue())
                  && Math.abs(value.getNumberValue()) < 1L << 53
              ? (Object) (long) value.getNumberValue()
              : value.getNumberValue();
      case LIST_VALUE ->
          value.getListValue().getValuesList().stream().map(MethodList::json).toList();
      case STRUCT_VALUE, NULL_VALUE, KIND_NOT_SET -> null;
    };
  }
}
