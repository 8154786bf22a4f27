package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.method.v1.SettingType;
import dev.tutti.registry.Ensemble;
import dev.tutti.registry.api.MethodList.Method;
import dev.tutti.registry.api.MethodList.Setting;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TypedTextTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What REST takes comes back from the form as it was. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"delimiter\":\"\\n\"}",
        "{\"delimiter\":\"\\n\\n\"}",
        "{\"delimiter\":\" \"}",
        "{\"delimiter\":\"\"}",
        "{\"delimiter\":\" +\"}",
        "{\"delimiter\":\"\\r\\n\\u0000\\u0085\"}",
        "{\"delimiter\":\"\\\"quoted\\\"\"}",
        "{\"delimiter\":\"\\\"\"}",
        "{\"delimiter\":\"a\\\\nb é 🎵\"}",
        "{\"delimiter\":\"[]\"}",
        "{\"shots\":[\"Q: 1\\n\\nA: 2\\n\",\" x\",\"\",\"plain, too\"]}",
        "{\"shots\":[]}",
        "{\"shots\":[\"[]\"]}",
        "{\"shots\":[\"\"]}",
        "{\"shots\":[\"\\\"a\\\"\",\"[]\"]}",
        "{\"weights\":[]}",
        "{\"weights\":[1,0.5,1.0E-7]}"
      })
  void settingsComeBackFromTheFormAsTheyWere(String settings) throws Exception {
    var ensemble =
        new Ensemble(
            "e",
            null,
            "m",
            (ObjectNode) JSON.readTree(settings),
            List.of(),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null);
    var body = new StringBuilder();
    for (String name : List.of("delimiter", "shots", "weights")) {
      String typed = EnsembleForm.typed(ensemble, SettingFields.SETTING + name);
      if (typed != null) {
        // An input of one line has none, and a browser sends them so.
        assertFalse(name.equals("delimiter") && typed.contains("\n"), typed);
        body.append(
            "settings.%s=%s&".formatted(name, Browsing.encoded(typed.replace("\n", "\r\n"))));
      }
    }
    assertEquals(
        JSON.readTree(settings).toString(),
        EnsembleForm.document(Form.parse(body.toString()), Optional.of(method()), JSON)
            .path("settings")
            .toString());
  }

  @Test
  void blankLinesAreNoItemsAndWhatIsNoJsonIsText() {
    assertEquals(List.of("a", "b"), TypedText.items("a\n\n  b \n"));
    assertEquals("\"a\" or \"b\"", TypedText.read("\"a\" or \"b\""));
    assertEquals("\"a", TypedText.read("\"a"));
  }

  @Test
  void listsThatReadAlikeDiffer() throws Exception {
    assertEquals(
        List.of(new Difference("l", "[\"a, b\"]", "a, b")),
        Difference.between(
            JSON.readTree("{\"l\": [\"a, b\"]}"), JSON.readTree("{\"l\": [\"a\", \"b\"]}")));
    assertEquals(
        List.of(new Difference("l", "[]", "[\"\"]"), new Difference("t", "", null)),
        Difference.between(
            JSON.readTree("{\"l\": [], \"t\": \"\"}"), JSON.readTree("{\"l\": [\"\"]}")));
  }

  private static Method method() {
    return new Method(
        "m",
        null,
        "s",
        "",
        "",
        List.of(),
        1,
        1,
        false,
        List.of(
            setting("delimiter", SettingType.SETTING_TYPE_TEXT),
            setting("shots", SettingType.SETTING_TYPE_TEXT_LIST),
            setting("weights", SettingType.SETTING_TYPE_NUMBER_LIST)),
        List.of(),
        null,
        false);
  }

  private static Setting setting(String name, SettingType type) {
    return new Setting(name, type, null, null, null, "", List.of(), "");
  }
}
