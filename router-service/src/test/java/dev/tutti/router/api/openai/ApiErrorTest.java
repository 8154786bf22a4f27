package dev.tutti.router.api.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.kit.grpc.Failure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiErrorTest {

  @ParameterizedTest
  @CsvSource({
    "texts[3], input",
    "texts, input",
    "sampling.max_tokens, max_tokens",
    "name, model",
    "depth, model",
    "messages[0].content, messages[0].content",
    "wire.body,",
    "recipe.members[1].weight,",
    "member.model,",
    "request_id,",
  })
  void fieldsHaveTheNamesOfTheBody(String field, String param) {
    Failure failure = new Failure.InvalidArgument(field, "INVALID_ARGUMENT", "Wrong.");
    assertEquals(param, ApiError.of(failure).param());
  }
}
