package dev.tutti.registry.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.protobuf.Value;
import dev.tutti.method.v1.Family;
import dev.tutti.method.v1.MethodDescription;
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
   * @param needs what each member must be able to do
   * @param minMembers fewest members
   * @param maxMembers most members
   * @param nestable whether an ensemble may be a member
   * @param settings its settings
   */
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
              description = "What each of its members must be able to do.")
          List<Capability> needs,
      @Schema(description = "Fewest members.") int minMembers,
      @Schema(description = "Most members.") int maxMembers,
      @Schema(description = "Whether an ensemble may be a member.") boolean nestable,
      @Schema(description = "Its settings.") List<Setting> settings) {}

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
        method.getSettingsList().stream().map(MethodList::setting).toList());
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
