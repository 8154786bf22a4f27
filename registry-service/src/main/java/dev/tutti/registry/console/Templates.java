package dev.tutti.registry.console;

import dev.tutti.registry.Ensemble;
import dev.tutti.registry.Entry;
import dev.tutti.registry.Model;
import dev.tutti.registry.api.Problem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import java.util.List;

/** Every template of the console, with what it shows; the build holds the two together. */
@CheckedTemplate(basePath = "console")
final class Templates {

  private Templates() {}

  /** What went wrong. */
  static native TemplateInstance problem(Frame frame, Problem problem);

  /** Models, a part of them. */
  static native TemplateInstance models(Frame frame, ModelPages.Listing listing);

  /** One model. */
  static native TemplateInstance model(
      Frame frame, EntryView view, Model model, List<Ensemble> users);

  /** The form of a model. */
  static native TemplateInstance modelForm(
      Frame frame, EntryForm form, boolean endpoint, Model found);

  /** What differs between two versions. */
  static native TemplateInstance diff(
      Frame frame, Entry newest, Entry before, Entry after, List<Difference> differences);
}
