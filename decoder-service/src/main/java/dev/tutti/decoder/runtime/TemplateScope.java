package dev.tutti.decoder.runtime;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.InterpreterFactory;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.filter.ReplaceFilter;
import dev.tutti.decoder.DecodeException;
import java.util.Set;

/**
 * What a chat template may name. Jinjava renders a filter or test that it does not know as nothing;
 * here it is an error. Filters are those whose work is bounded by the size of their input.
 */
final class TemplateScope extends Context {

  /** Methods of a string that could take any time or any memory. */
  static final Set<String> RESTRICTED_METHODS =
      Set.of(
          "concat",
          "format",
          "formatted",
          "indent",
          "join",
          "matches",
          "repeat",
          "replace",
          "replaceAll",
          "replaceFirst",
          "split",
          "transform");

  private static final Set<String> FILTERS =
      Set.of(
          "abs",
          "capitalize",
          "count",
          "d",
          "default",
          "dictsort",
          "e",
          "escape",
          "first",
          "float",
          "int",
          "items",
          "join",
          "last",
          "length",
          "list",
          "lower",
          "map",
          "reject",
          "rejectattr",
          "replace",
          "reverse",
          "round",
          "safe",
          "select",
          "selectattr",
          "sort",
          "string",
          "title",
          "tojson",
          "trim",
          "unique",
          "upper");

  private TemplateScope(Context parent) {
    super(parent);
  }

  /** Puts every rendering into such a scope. */
  static final class Factory implements InterpreterFactory {
    @Override
    public JinjavaInterpreter newInstance(JinjavaInterpreter original) {
      return new JinjavaInterpreter(original);
    }

    @Override
    public JinjavaInterpreter newInstance(
        Jinjava application, Context context, JinjavaConfig config) {
      return new JinjavaInterpreter(application, new TemplateScope(context), config);
    }
  }

  @Override
  public Filter getFilter(String name) {
    Filter filter = FILTERS.contains(name) ? super.getFilter(name) : null;
    if (filter == null) {
      throw new DecodeException("it uses the filter '%s', which is not supported".formatted(name));
    }
    return filter;
  }

  @Override
  public ExpTest getExpTest(String name) {
    ExpTest test = super.getExpTest(name);
    if (test == null) {
      throw new DecodeException("it uses the test '%s', which is not supported".formatted(name));
    }
    return test;
  }

  /** The library's filter would multiply two long strings. */
  static final class BoundedReplace extends ReplaceFilter {

    private final int most;

    BoundedReplace(int most) {
      this.most = most;
    }

    @Override
    public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
      if (value != null
          && arguments.length > 1
          && (value.toString().length() + 1L) * arguments[1].length() > most) {
        throw new DecodeException("its filter 'replace' makes too long a text");
      }
      return super.filter(value, interpreter, arguments);
    }
  }
}
